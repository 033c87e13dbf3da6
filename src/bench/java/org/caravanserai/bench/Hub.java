package org.caravanserai.bench;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** The hub as a process of its own, with the heap that a deployment would give it. */
final class Hub implements AutoCloseable {

    private static final Duration START_WAIT = Duration.ofSeconds(90);

    private final Path home;
    private final Map<String, String> environment;
    private final Settings settings;
    private final int port = OwnParts.freePort();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private volatile Process process;

    Hub(Path home, Map<String, String> environment, Settings settings) {
        this.home = home;
        this.environment = environment;
        this.settings = settings;
    }

    void launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@config/jvm.options",
                "-Xms" + settings.heap(),
                "-Xmx" + settings.heap()));
        if (!settings.jvm().isEmpty()) {
            command.addAll(List.of(settings.jvm().split(" ")));
        }
        command.addAll(List.of("-cp", classPath(), "org.caravanserai.CaravanseraiApplication"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("SPRING_") || name.startsWith("HUB_IT_"));
        builder.environment().putAll(environment);
        builder.environment().put("HUB_HOME", home.toString());
        builder.environment().put("SERVER_PORT", Integer.toString(port));
        builder.environment().put("HUB_ALLOW_PRIVATE_NETWORKS", "true");
        builder.environment().put("HUB_DEMO", "false");
        // a thousand contacts stand for many more people, and a door's own limit is what is measured
        builder.environment().put("HUB_LIMITS_MESSAGESPERCONTACT", "0");
        builder.environment().put("HUB_LIMITS_EVENTSPERCHANNEL", "0");
        process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** Ours without the tests and this harness. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    void awaitReady() throws IOException {
        long until = System.nanoTime() + START_WAIT.toNanos();
        while (!ready()) {
            if (!process.isAlive() || System.nanoTime() > until) {
                throw new IOException("the hub is not ready; see " + log());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    boolean ready() {
        return get("/actuator/health/readiness")
                .map(answer -> answer.statusCode() == 200)
                .orElse(false);
    }

    /** All metrics, a line each; none if the hub does not answer. */
    List<String> metrics() {
        return get("/actuator/prometheus")
                .map(answer -> answer.body().lines().toList())
                .orElse(List.of());
    }

    /** The sum of a metric's values. */
    static double sum(List<String> metrics, String name, String label) {
        return metrics.stream()
                .filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private java.util.Optional<HttpResponse<String>> get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(uri().resolve(path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return java.util.Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException down) {
            return java.util.Optional.empty();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return java.util.Optional.empty();
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    String adminKey() throws IOException {
        String given = environment.get("HUB_ADMIN_API_KEY");
        return given == null ? Files.readString(home.resolve("admin-api-key")).strip() : given;
    }

    boolean alive() {
        return process.isAlive();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Ends the process without a chance to tidy up, as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    /** Asks it to end and gives back whether it did within 35 s. */
    boolean terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor(35, TimeUnit.SECONDS);
    }

    Path log() {
        return Path.of("target", "hub-" + port + ".log").toAbsolutePath();
    }

    @Override
    public void close() {
        try {
            if (process != null && process.isAlive() && !terminate()) {
                kill();
            }
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
