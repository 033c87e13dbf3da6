package org.caravanserai.embedded;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.caravanserai.startup.StartupFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL server of the hub's own, on loopback, with its data below {@code HUB_HOME} and as durable as any other. It
 * is a process beside ours: it may outlive a hub that was killed, and may be killed under a hub that lives.
 */
final class EmbeddedPostgres {

    static final String SUPERUSER = "postgres";
    static final String DATABASE = "caravanserai";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_WAIT = Duration.ofSeconds(60);
    private static final Duration STOP_WAIT = Duration.ofSeconds(15);
    private static final int RESTARTS_MAX = 5;
    private static final long LOG_MAX = 10L << 20;

    private final HubHome home;
    private final Path folder;
    private final Path data;
    private final int port;
    private final Runnable onGivenUp;
    private Path programs;
    private Process server;
    private int restarts;
    private volatile boolean stopping;

    /** @param onGivenUp called when the server died and could not be brought back */
    EmbeddedPostgres(HubHome home, Runnable onGivenUp) {
        this.home = home;
        this.folder = home.resolve("postgres");
        this.data = folder.resolve("data-17");
        this.port = freePort();
        this.onGivenUp = onGivenUp;
    }

    /** Starts the server and returns when it takes connections. */
    synchronized void start() {
        try {
            Files.createDirectories(folder);
            programs = PostgresBinaries.unpack(folder);
            refuseOtherVersion();
            initialise();
            stopOrphan();
            launch();
            createDatabase();
        } catch (IOException failed) {
            throw new StartupFailure(
                    "The embedded PostgreSQL could not be started: " + failed.getMessage(),
                    "Look into " + folder.resolve("log")
                            + ", or set SPRING_DATASOURCE_URL to a PostgreSQL of your own.");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL was starting", stopped);
        }
    }

    String url() {
        return url(DATABASE);
    }

    String superuserPassword() {
        return home.secret("postgres/superuser-password", EmbeddedPostgres::randomPassword);
    }

    String runtimePassword() {
        return home.secret("postgres/runtime-password", EmbeddedPostgres::randomPassword);
    }

    /** Lets the run-time role, which the migrations made, log in by itself. */
    void allowRuntimeLogin() {
        // the password is hexadecimal digits of our own, so it needs no quoting
        execute(DATABASE, "alter role caravanserai_runtime login password '" + runtimePassword() + "'");
    }

    /** Stops the server: first asked, in the end killed. */
    synchronized void stop() {
        stopping = true;
        if (server == null) {
            return;
        }
        try {
            run(
                    List.of(
                            program("pg_ctl"),
                            "stop",
                            "-D",
                            data.toString(),
                            "-m",
                            "fast",
                            "-w",
                            "-t",
                            Long.toString(STOP_WAIT.toSeconds())),
                    "stop");
            if (!server.waitFor(STOP_WAIT.toSeconds(), TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        } catch (IOException failed) {
            LOG.warn("PostgreSQL could not be asked to stop; it is killed and recovers at the next start", failed);
            server.destroyForcibly();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            server.destroyForcibly();
        }
        server = null;
    }

    private void refuseOtherVersion() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            Optional<Path> other = found.filter(p -> p.getFileName().toString().matches("data-\\d+"))
                    .filter(p -> !p.equals(data))
                    .findFirst();
            if (other.isPresent() && !Files.exists(data)) {
                throw new StartupFailure(
                        other.get() + " was written by another version of PostgreSQL than this hub brings (17).",
                        "Start the version of the hub that wrote it and dump the data, or move that folder away.");
            }
        }
    }

    private void initialise() throws IOException, InterruptedException {
        Path scratch = folder.resolve("data.new");
        FileSystemUtils.deleteRecursively(scratch);
        if (Files.exists(data)) {
            return;
        }
        superuserPassword();
        run(
                List.of(
                        program("initdb"),
                        "-D",
                        scratch.toString(),
                        "-U",
                        SUPERUSER,
                        "--auth=scram-sha-256",
                        "--pwfile=" + folder.resolve("superuser-password"),
                        "--encoding=UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8"),
                "initdb");
        Files.move(scratch, data, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A hub that was killed leaves its server running. Whatever it did is committed or is not; it is stopped first. */
    private void stopOrphan() throws IOException, InterruptedException {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        long pid;
        try (Stream<String> lines = Files.lines(pidFile)) {
            pid = lines.findFirst()
                    .map(String::strip)
                    .filter(s -> s.matches("\\d{1,18}"))
                    .map(Long::parseLong)
                    .orElse(-1L);
        }
        Optional<ProcessHandle> orphan =
                ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::isOurs);
        if (orphan.isPresent()) {
            LOG.info("A PostgreSQL that a killed hub left behind, process {}, is stopped", pid);
            run(List.of(program("pg_ctl"), "stop", "-D", data.toString(), "-m", "fast", "-w", "-t", "20"), "stop");
            if (orphan.get().isAlive()) {
                orphan.get().destroyForcibly();
            }
        }
    }

    private boolean isOurs(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                    .contains(data.toString());
        } catch (IOException gone) {
            return false;
        }
    }

    private void launch() throws IOException, InterruptedException {
        rotateLog();
        List<String> command = command(List.of(
                program("postgres"),
                "-D",
                data.toString(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "port=" + port,
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=100",
                "-c",
                "shared_buffers=128MB",
                "-c",
                "fsync=on",
                "-c",
                "synchronous_commit=on",
                "-c",
                "full_page_writes=on",
                "-c",
                "idle_in_transaction_session_timeout=10s",
                "-c",
                "timezone=UTC"));
        long deadline = System.nanoTime() + START_WAIT.toNanos();
        while (true) {
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()))
                    .redirectInput(new File("/dev/null"))
                    .start();
            while (System.nanoTime() < deadline && !started.waitFor(50, TimeUnit.MILLISECONDS)) {
                if (takesConnections()) {
                    server = started;
                    started.onExit().thenAccept(this::died);
                    return;
                }
            }
            // After a kill its old backends may hold the shared memory for a moment: try again until the wait is over.
            if (System.nanoTime() >= deadline) {
                started.destroyForcibly();
                throw new IOException("it took no connection within " + START_WAIT.toSeconds() + " s");
            }
        }
    }

    private void died(Process dead) {
        if (stopping) {
            return;
        }
        LOG.error("PostgreSQL ended with status {} under the hub; it is started again", dead.exitValue());
        Thread.ofPlatform().name("postgres-restart").start(this::restart);
    }

    private synchronized void restart() {
        try {
            if (stopping) {
                return;
            }
            if (++restarts > RESTARTS_MAX) {
                throw new IOException("it has died " + restarts + " times");
            }
            launch();
            LOG.info("PostgreSQL is back");
        } catch (IOException givenUp) {
            LOG.error("PostgreSQL cannot be brought back; the hub ends. See {}", folder.resolve("log"), givenUp);
            onGivenUp.run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean takesConnections() {
        try (Connection connection = connect("postgres")) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private void createDatabase() throws IOException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery("select 1 from pg_database where datname = '" + DATABASE + "'")) {
            if (!found.next()) {
                execute("postgres", "create database " + DATABASE);
            }
        } catch (SQLException failed) {
            throw new IOException("its database could not be made: " + failed.getMessage(), failed);
        }
    }

    private void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException("PostgreSQL refused a statement of the hub's own", failed);
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), SUPERUSER, superuserPassword());
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?connectTimeout=2&tcpKeepAlive=true";
    }

    private String program(String name) {
        return programs.resolve("bin").resolve(name).toString();
    }

    /** PostgreSQL refuses to run as root; in a user namespace of its own, root is nobody. */
    private static List<String> command(List<String> command) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return command;
        }
        List<String> inNamespace = new ArrayList<>(List.of("unshare", "-U"));
        inNamespace.addAll(command);
        return inNamespace;
    }

    private void run(List<String> command, String what) throws IOException, InterruptedException {
        Path output = folder.resolve(what + ".log");
        Process process = new ProcessBuilder(command(command))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        if (!process.waitFor(START_WAIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(what + " took longer than " + START_WAIT.toSeconds() + " s");
        }
        if (process.exitValue() != 0 && "initdb".equals(what)) {
            throw new IOException(what + " failed: " + Files.readString(output).strip());
        }
    }

    private void rotateLog() throws IOException {
        Path log = folder.resolve("log");
        if (Files.exists(log) && Files.size(log) > LOG_MAX) {
            Files.move(log, folder.resolve("log.old"), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.exists(log)) {
            Files.createFile(log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new StartupFailure("No free port was found on loopback.", "Look what takes them all.");
        }
    }

    private static String randomPassword() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
