package org.caravanserai.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * What the machine gives at best: a bare server, a virtual thread a connection, that makes the same bytes durable in the
 * same database, many requests a commit, and does nothing else. No signature, no tenant, no index but the key's.
 */
final class Limit implements AutoCloseable {

    private static final int WRITERS = 2;
    private static final int BATCH = 256;

    private record Row(byte[] body, CompletableFuture<Void> committed) {}

    private final ServerSocket server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final LinkedBlockingQueue<Row> rows = new LinkedBlockingQueue<>();
    private final Parts parts;

    Limit(Parts parts) throws IOException, SQLException {
        this.parts = parts;
        try (Connection connection = parts.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists bench_limit");
            statement.execute(
                    "create table bench_limit (seq bigint generated always as identity primary key, body bytea not null)");
        }
        for (int i = 0; i < WRITERS; i++) {
            threads.execute(this::write);
        }
        threads.execute(this::accept);
    }

    /** How many requests a second it answers to so many connections. */
    double measure(byte[] body, int connections, int seconds, ConcurrentHistogram micros) {
        URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort());
        LongAdder done = new LongAdder();
        long start = System.nanoTime();
        long until = start + TimeUnit.SECONDS.toNanos(seconds);
        try (Wire wire = new Wire(uri, Duration.ofSeconds(10));
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < connections; i++) {
                senders.execute(() -> {
                    for (long at = System.nanoTime(); at < until; at = System.nanoTime()) {
                        if (wire.post("/", "none", body) == 200) {
                            done.increment();
                            micros.recordValue((System.nanoTime() - at) / 1000);
                        }
                    }
                });
            }
            senders.shutdown();
            senders.awaitTermination(seconds + 20L, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return done.sum() * 1e9 / (System.nanoTime() - start);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                threads.execute(() -> serve(socket));
            }
        } catch (IOException closed) {
            threads.shutdown();
        }
    }

    private void serve(Socket socket) {
        byte[] ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 8192);
            for (int length = head(in); length >= 0; length = head(in)) {
                Row row = new Row(in.readNBytes(length), new CompletableFuture<>());
                rows.add(row);
                row.committed.get();
                socket.getOutputStream().write(ok);
            }
        } catch (IOException | ExecutionException gone) {
            rows.removeIf(row -> row.committed.isCancelled());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** The length of the body behind the next request's head; -1 at the end of the stream. */
    private static int head(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
        int length = 0;
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                if (line.isEmpty()) {
                    return length;
                }
                String field = line.toString().toLowerCase(Locale.ROOT);
                if (field.startsWith("content-length:")) {
                    length = Integer.parseInt(field.substring(15).strip());
                }
                line.setLength(0);
            } else if (c != '\r') {
                line.append((char) c);
            }
        }
        return -1;
    }

    private void write() {
        List<Row> batch = new ArrayList<>();
        try (Connection connection = parts.connect();
                PreparedStatement insert =
                        connection.prepareStatement("insert into bench_limit (body) select unnest(?)")) {
            while (true) {
                batch.clear();
                batch.add(rows.take());
                rows.drainTo(batch, BATCH - 1);
                insert.setArray(
                        1,
                        connection.createArrayOf(
                                "bytea", batch.stream().map(Row::body).toArray(byte[][]::new)));
                insert.executeUpdate();
                batch.forEach(row -> row.committed.complete(null));
            }
        } catch (SQLException failed) {
            batch.forEach(row -> row.committed.completeExceptionally(failed));
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        server.close();
        threads.shutdownNow();
        try (Connection connection = parts.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists bench_limit");
        }
    }
}
