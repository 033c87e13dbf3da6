package org.caravanserai.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A PostgreSQL and a RabbitMQ of this run, from the programs of the Debian packages, so that they may be killed. */
final class OwnParts implements Parts {

    private static final String PASSWORD = "bench";
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String USER = System.getProperty("user.name");

    private final Path folder;
    private final Path data;
    private final int databasePort = freePort();
    private final int brokerPort = freePort();
    private final int distributionPort = freePort();
    private final Path postgres = newest("/usr/lib/postgresql", "bin", "postgresql");
    private final Path rabbitmq = newest("/usr/lib/rabbitmq/lib", "sbin", "rabbitmq-server");
    private final boolean hadEpmd = listens(4369);
    private final Map<String, String> settings = new HashMap<>(Parts.keys());
    private Process brokerProcess;

    OwnParts() throws IOException {
        folder = Files.createTempDirectory(
                "caravanserai-bench",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        data = Files.createDirectory(folder.resolve("postgres")).resolve("data");
        settings.put("SPRING_DATASOURCE_URL", url());
        settings.put("SPRING_DATASOURCE_USERNAME", "postgres");
        settings.put("SPRING_DATASOURCE_PASSWORD", PASSWORD);
        settings.put("SPRING_RABBITMQ_ADDRESSES", "127.0.0.1:" + brokerPort);
        initDatabase();
        restartDatabase();
        Files.createDirectory(folder.resolve("rabbitmq"));
        Files.writeString(folder.resolve("rabbitmq/enabled_plugins"), "[].\n");
        Files.writeString(
                folder.resolve("rabbitmq/rabbitmq.conf"),
                "listeners.tcp.default = 127.0.0.1:" + brokerPort + "\ndistribution.listener.interface = 127.0.0.1\n");
        restartBroker();
    }

    @Override
    public Map<String, String> settings() {
        return settings;
    }

    @Override
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url(), "postgres", PASSWORD);
    }

    private String url() {
        return "jdbc:postgresql://127.0.0.1:" + databasePort + "/postgres";
    }

    @Override
    public List<ProcessHandle> database() {
        return Parts.family(data.resolve("postmaster.pid"));
    }

    @Override
    public List<ProcessHandle> broker() {
        return brokerProcess.isAlive() ? Parts.family(brokerProcess.toHandle()) : List.of();
    }

    private void initDatabase() throws IOException {
        Path password = Files.writeString(folder.resolve("postgres/password"), PASSWORD);
        if (USER.equals("root")) {
            run("chown", "-R", "postgres", folder.resolve("postgres").toString());
        }
        run(asPostgres(
                        postgres.resolve("initdb").toString(),
                        "-D",
                        data.toString(),
                        "-U",
                        "postgres",
                        "-A",
                        "scram-sha-256",
                        "--pwfile=" + password,
                        "-E",
                        "UTF8")
                .toArray(String[]::new));
    }

    /** Until the children of a killed server are gone, a new one refuses to start: it is tried again. */
    @Override
    public void restartDatabase() throws IOException {
        long until = System.nanoTime() + START_NANOS;
        while (System.nanoTime() < until) {
            if (database().isEmpty()) {
                start(
                        "postgresql.log",
                        Map.of(),
                        asPostgres(
                                postgres.resolve("postgres").toString(),
                                "-D",
                                data.toString(),
                                "-p",
                                Integer.toString(databasePort),
                                "-c",
                                "listen_addresses=127.0.0.1",
                                "-c",
                                "unix_socket_directories=",
                                "-c",
                                "max_connections=100"));
            }
            for (int i = 0; i < 10; i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                try (Connection connection = connect()) {
                    if (connection.isValid(2)) {
                        return;
                    }
                } catch (SQLException notYet) {
                    continue;
                }
            }
        }
        throw new IOException("PostgreSQL did not start; see " + log("postgresql.log"));
    }

    @Override
    public void restartBroker() throws IOException {
        Path home = folder.resolve("rabbitmq");
        brokerProcess = start(
                "rabbitmq.log",
                Map.of(
                        "HOME", home.toString(),
                        "ERL_EPMD_ADDRESS", "127.0.0.1",
                        "RABBITMQ_NODENAME", "bench_" + ProcessHandle.current().pid() + "@localhost",
                        "RABBITMQ_CONF_ENV_FILE", home.resolve("none").toString(),
                        "RABBITMQ_CONFIG_FILE", home.resolve("rabbitmq.conf").toString(),
                        "RABBITMQ_ENABLED_PLUGINS_FILE",
                                home.resolve("enabled_plugins").toString(),
                        "RABBITMQ_MNESIA_BASE", home.resolve("mnesia").toString(),
                        "RABBITMQ_LOG_BASE", home.resolve("log").toString(),
                        "RABBITMQ_DIST_PORT", Integer.toString(distributionPort),
                        "RABBITMQ_PID_FILE", home.resolve("pid").toString()),
                List.of(rabbitmq.resolve("rabbitmq-server").toString()));
        long until = System.nanoTime() + START_NANOS;
        while (!listens(brokerPort)) {
            if (!brokerProcess.isAlive()) { // killed while it started: it is started again, and not waited for
                throw new IOException("RabbitMQ ended while it started; see " + log("rabbitmq.log"));
            }
            if (System.nanoTime() > until) {
                throw new IOException("RabbitMQ did not start; see " + log("rabbitmq.log"));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> ending =
                Stream.concat(broker().stream(), database().stream()).toList();
        ending.forEach(ProcessHandle::destroyForcibly);
        ending.forEach(
                process -> process.onExit().orTimeout(20, TimeUnit.SECONDS).join());
        if (!hadEpmd) {
            try {
                run("epmd", "-kill");
            } catch (IOException stays) {
                // it does not go while it believes that a node is alive; it costs next to nothing
                Report.line("epmd is left running: %s", stays.getMessage());
            }
        }
        run("rm", "-rf", folder.toString());
    }

    private static List<String> asPostgres(String... command) {
        List<String> all = new ArrayList<>();
        if (USER.equals("root")) {
            // PostgreSQL refuses to run as root
            all.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        all.addAll(List.of(command));
        return all;
    }

    private Process start(String log, Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(log).toFile()))
                .start();
    }

    private static Path log(String name) {
        return Path.of("target", "bench-" + name).toAbsolutePath();
    }

    private static void run(String... command) throws IOException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(log("parts.log").toFile()))
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " failed; see " + log("parts.log"));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(stopped);
        }
    }

    private static Path newest(String folder, String programs, String debianPackage) {
        try (Stream<Path> versions = Files.list(Path.of(folder))) {
            return versions.map(version -> version.resolve(programs))
                    .filter(Files::isDirectory)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (IOException | java.util.NoSuchElementException missing) {
            throw new IllegalStateException("Install the Debian package " + debianPackage + " first.", missing);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new IllegalStateException(none);
        }
    }
}
