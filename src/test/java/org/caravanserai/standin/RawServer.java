package org.caravanserai.standin;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Takes a request and answers in any way at all, broken ones included. */
public final class RawServer implements AutoCloseable {

    /** What is done once the head of a request was read. */
    @FunctionalInterface
    public interface Answer {
        void write(Socket socket, OutputStream out) throws IOException;
    }

    private final ServerSocket server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger connections = new AtomicInteger();

    public RawServer(Answer answer) throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(() -> accept(answer));
    }

    /** Answers with this head and body, then closes. */
    public static Answer text(String answer) {
        return (socket, out) -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The beginning, then a byte each so often, for ever. */
    public static Answer trickling(String beginning, Duration pause) {
        return (socket, out) -> {
            out.write(beginning.getBytes(StandardCharsets.ISO_8859_1));
            while (!socket.isClosed()) {
                out.write('x');
                out.flush();
                LockSupport.parkNanos(pause.toNanos());
            }
        };
    }

    /** The beginning, then a reset of the connection. */
    public static Answer reset(String beginning) {
        return (socket, out) -> {
            out.write(beginning.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            LockSupport.parkNanos(
                    Duration.ofMillis(100).toNanos()); // so that what was written arrives before the reset
            socket.setSoLinger(true, 0);
        };
    }

    private void accept(Answer answer) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                threads.execute(() -> serve(socket, answer));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void serve(Socket socket, Answer answer) {
        try (socket) {
            byte[] request = new byte[64 * 1024];
            if (socket.getInputStream().read(request) > 0) {
                answer.write(socket, socket.getOutputStream());
                socket.getOutputStream().flush();
            }
        } catch (IOException theOtherSideHungUp) {
            LockSupport.parkNanos(1);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    public String uri() {
        return "http://127.0.0.1:" + port();
    }

    /** How often somebody connected. */
    public int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
