package org.caravanserai.siege;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks again and again whether the hub lives, as a supervisor would, and looks at its memory. */
final class Watch implements AutoCloseable {

    private static final Duration EVERY = Duration.ofMillis(250);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int KIB = 1024;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final URI hub;
    private final long pid;
    private final Thread thread;
    private volatile boolean isOver;
    private volatile long worstNanos;
    private volatile int failures;

    Watch(URI hub, long pid) {
        this.hub = hub;
        this.pid = pid;
        this.thread = Thread.ofPlatform().name("siege-watch").start(this::look);
    }

    private void look() {
        while (!isOver) {
            long start = System.nanoTime();
            if (status("/actuator/health/liveness") != 200) {
                failures++;
            }
            worstNanos = Math.max(worstNanos, System.nanoTime() - start);
            LockSupport.parkNanos(EVERY.toNanos());
        }
    }

    private int status(String path) {
        try {
            return http.send(request(path), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException refused) {
            return -1;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(hub.resolve(path)).timeout(PATIENCE).build();
    }

    /** The longest that liveness took. */
    Duration worst() {
        return Duration.ofNanos(worstNanos);
    }

    /** How often it was not 200. */
    int failures() {
        return failures;
    }

    /** Forgets what was seen so far. */
    void reset() {
        worstNanos = 0;
        failures = 0;
    }

    /** Bytes of the heap that are reachable: what is left after a full collection. */
    long reachable() throws IOException, InterruptedException {
        Process collection = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!collection.waitFor(30, TimeUnit.SECONDS)) {
            collection.destroyForcibly();
        }
        HttpResponse<String> metrics = http.send(request("/actuator/prometheus"), HttpResponse.BodyHandlers.ofString());
        return (long) metrics.body()
                .lines()
                .filter(line -> line.startsWith("jvm_memory_used_bytes{") && line.contains("area=\"heap\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Bytes of the machine's memory that the process holds; 0 where the system does not tell. */
    long resident() throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (Files.notExists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                .sum();
    }

    @Override
    public void close() throws InterruptedException {
        isOver = true;
        thread.join(PATIENCE.toMillis());
    }
}
