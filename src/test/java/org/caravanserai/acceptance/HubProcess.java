package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.caravanserai.embedded.UnpackedPostgres;

/** The hub as a process of its own, so that it can be killed; with the embedded parts, or those the environment names. */
final class HubProcess implements AutoCloseable {

    private static final Duration START_WAIT = Duration.ofMinutes(5);

    /** What came of a hub that ended by itself. */
    record Ended(int status, String output) {}

    private static final String OPTIONS = "@" + Path.of("config", "jvm.options").toAbsolutePath();

    private final Path home;
    private final Map<String, String> settings;
    private final int port;
    private final List<String> program;
    private final Path folder;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private Process process;
    private String ownDatabase = "";

    private HubProcess(Path home, Map<String, String> settings) throws IOException {
        this(home, settings, Path.of(""), HubImage.program());
    }

    private HubProcess(Path home, Map<String, String> settings, Path folder, List<String> program) throws IOException {
        this.home = home;
        this.folder = folder.toAbsolutePath();
        this.program = program;
        this.settings = settings;
        this.port = HubPorts.next();
    }

    /** Starts a hub on a home and waits until it is ready. One that is told its database shares it with others. */
    static HubProcess start(Path home, Map<String, String> settings) throws IOException {
        HubProcess hub = new HubProcess(home, new HashMap<>(settings));
        if (!settings.containsKey("SPRING_DATASOURCE_URL")) {
            hub.settings.putAll(ExternalParts.forHome(home));
            hub.ownDatabase = hub.settings.getOrDefault("SPRING_DATASOURCE_URL", "");
        }
        if (!hub.settings.containsKey("SPRING_DATASOURCE_URL")) {
            UnpackedPostgres.giveTo(home);
        }
        return hub.launched();
    }

    /** Starts a jar in a folder, on the embedded parts, with its data below that folder. */
    static HubProcess startJar(Path jar, Path folder) throws IOException {
        return startIn(folder, List.of("-jar", jar.toAbsolutePath().toString()));
    }

    /** Starts the hub in a folder, whose {@code routes} and {@code config} it finds; on the embedded parts. */
    static HubProcess startIn(Path folder) throws IOException {
        UnpackedPostgres.giveTo(folder.resolve("data"));
        return startIn(folder, HubImage.program());
    }

    private static HubProcess startIn(Path folder, List<String> program) throws IOException {
        return new HubProcess(folder.resolve("data"), new HashMap<>(), folder, program).launched();
    }

    /** Leaves no process behind either where it does not become ready. */
    private HubProcess launched() throws IOException {
        launch();
        try {
            awaitReady();
            return this;
        } catch (RuntimeException | AssertionError late) {
            process.destroyForcibly();
            killPostgres();
            throw late;
        }
    }

    /** Starts a hub and ends it again, and waits for what the JVM then still writes. */
    static void train(Path home, List<String> program) throws IOException, InterruptedException {
        UnpackedPostgres.giveTo(home);
        HubProcess hub = new HubProcess(home, Map.of(), Path.of(""), program).launched();
        hub.process.destroy();
        if (!hub.process.waitFor(START_WAIT.toSeconds(), TimeUnit.SECONDS)) {
            hub.kill();
            hub.killPostgres();
        }
    }

    /** Starts it again on the same home and port. */
    void launch() throws IOException {
        List<String> command =
                new ArrayList<>(List.of(HubImage.java(), OPTIONS, "-Xms128m", "-Xmx512m", "-XX:TieredStopAtLevel=1"));
        command.addAll(program);
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SPRING_") || name.startsWith("HUB_"));
        builder.environment().putAll(settings);
        builder.environment().put("HUB_HOME", home.toString());
        builder.environment().putIfAbsent("SERVER_PORT", Integer.toString(port));
        builder.environment().putIfAbsent("HUB_ALLOW_PRIVATE_NETWORKS", "true");
        process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** Starts it again with some settings changed. */
    void launch(Map<String, String> changed) throws IOException {
        settings.putAll(changed);
        launch();
    }

    /** Starts a hub that is to fail by itself within 5 minutes, and gives back what it printed. */
    static String failure(Path home, Map<String, String> settings) throws IOException, InterruptedException {
        HubProcess hub = new HubProcess(home, new HashMap<>(settings));
        UnpackedPostgres.giveTo(home);
        assertThat(hub.runToItsEnd()).isNotZero();
        return hub.output();
    }

    /** Runs a hub that ends by itself. */
    static Ended end(Path home, Map<String, String> settings, String... arguments)
            throws IOException, InterruptedException {
        List<String> program = new ArrayList<>(List.of("-Djava.io.tmpdir=" + home));
        program.addAll(HubImage.program());
        program.addAll(List.of(arguments));
        HubProcess hub = new HubProcess(home, new HashMap<>(settings), Path.of(""), program);
        return new Ended(hub.runToItsEnd(), hub.output());
    }

    private int runToItsEnd() throws IOException, InterruptedException {
        launch();
        if (!process.waitFor(START_WAIT.toSeconds(), TimeUnit.SECONDS)) {
            kill();
            killPostgres();
            throw new AssertionError("the hub did not end; see " + log());
        }
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    void awaitReady() {
        await("the hub is ready; see " + log())
                .atMost(START_WAIT)
                .pollInterval(Duration.ofMillis(200))
                .failFast("the hub ended by itself", () -> !process.isAlive())
                .until(() -> status("/actuator/health/readiness") == 200);
    }

    int status(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(uri().resolve(path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException down) {
            return -1;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    String adminKey() throws IOException {
        String given = settings.get("HUB_ADMIN_API_KEY");
        return given == null ? Files.readString(home.resolve("admin-api-key")).strip() : given;
    }

    /** Ends the process without a chance to tidy up, as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    /** Kills the embedded PostgreSQL in the same way. False if there is none. */
    boolean killPostgres() throws IOException {
        Path pidFile = home.resolve("postgres/data-17/postmaster.pid");
        if (!Files.exists(pidFile)) {
            return false;
        }
        long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
        return ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
    }

    /** Asks it to end and gives back whether it did within 30 s. */
    boolean terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor(30, TimeUnit.SECONDS);
    }

    String output() throws IOException {
        return Files.readString(log());
    }

    private Path log() {
        return HubPorts.log(port);
    }

    /** Leaves no process behind, whatever the test did. */
    @Override
    public void close() throws Exception {
        if (process.isAlive() && !terminate()) {
            kill();
        }
        killPostgres();
        for (ProcessHandle child : process.descendants().toList()) {
            child.destroyForcibly();
        }
        ExternalParts.drop(List.of(ownDatabase));
    }
}
