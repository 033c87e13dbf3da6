package org.caravanserai.embedded;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.caravanserai.startup.StartupFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One PostgreSQL process on loopback, on one data folder, as durable as any other server. */
final class PostgresServer {

    static final String SUPERUSER = "postgres";
    static final Duration START_WAIT = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final Duration STOP_WAIT = Duration.ofSeconds(15);
    private static final long LOG_MAX = 10L << 20;
    private static final List<String> SETTINGS = List.of(
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=100",
            "shared_buffers=128MB",
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            "idle_in_transaction_session_timeout=10s",
            "timezone=UTC");

    private final Path programs;
    private final Path data;
    private final String password;
    private final int port = freePort();
    private Process process;

    /**
     * @param programs the folder that holds {@code bin}
     * @param data what initdb made
     * @param password of the superuser
     */
    PostgresServer(Path programs, Path data, String password) {
        this.programs = programs;
        this.data = data;
        this.password = password;
    }

    /** Starts the process, after one that a killed hub left behind has stopped, and returns when it takes connections. */
    void start() throws IOException, InterruptedException {
        stopOrphan();
        rotateLog();
        List<String> command =
                new ArrayList<>(List.of(program("postgres"), "-D", data.toString(), "-c", "port=" + port));
        SETTINGS.forEach(setting -> command.addAll(List.of("-c", setting)));
        long deadline = System.nanoTime() + START_WAIT.toNanos();
        while (true) {
            Process started = new ProcessBuilder(apart(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .redirectInput(new File("/dev/null"))
                    .start();
            while (System.nanoTime() < deadline && !started.waitFor(50, TimeUnit.MILLISECONDS)) {
                if (takesConnections()) {
                    process = started;
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

    /** What runs now; null before the start. */
    Process process() {
        return process;
    }

    /** Stops it: first asked, in the end killed. */
    void stop() {
        if (process == null) {
            return;
        }
        try {
            askToStop(STOP_WAIT);
            if (!process.waitFor(STOP_WAIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException failed) {
            LOG.warn("PostgreSQL could not be asked to stop; it is killed and recovers at the next start", failed);
            process.destroyForcibly();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        process = null;
    }

    /** Where it says what is wrong with it. */
    Path log() {
        return data.resolveSibling("log");
    }

    String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?connectTimeout=2&tcpKeepAlive=true";
    }

    /** A connection of the superuser. */
    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), SUPERUSER, password);
    }

    private boolean takesConnections() {
        try (Connection connection = connect("postgres")) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
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
            askToStop(Duration.ofSeconds(20));
            if (orphan.get().isAlive()) {
                orphan.get().destroyForcibly();
            }
        }
    }

    private boolean isOurs(ProcessHandle other) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(other.pid()), "cmdline"))
                    .contains(data.toString());
        } catch (IOException gone) {
            return false;
        }
    }

    private void askToStop(Duration wait) throws IOException, InterruptedException {
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
                        "" + wait.toSeconds()),
                data.resolveSibling("stop.log"));
    }

    private String program(String name) {
        return programs.resolve("bin").resolve(name).toString();
    }

    /**
     * Runs one of PostgreSQL's programs to its end.
     *
     * @param output takes what it prints
     * @return its exit status
     */
    static int run(List<String> command, Path output) throws IOException, InterruptedException {
        Process program = new ProcessBuilder(apart(command))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        if (!program.waitFor(START_WAIT.toSeconds(), TimeUnit.SECONDS)) {
            program.destroyForcibly();
            throw new IOException(command.getFirst() + " took longer than " + START_WAIT.toSeconds() + " s");
        }
        return program.exitValue();
    }

    /**
     * A session of its own, so that Ctrl-C in the hub's terminal reaches the hub only, which stops its database last. And
     * PostgreSQL refuses to run as root; in a user namespace of its own, root is nobody.
     */
    private static List<String> apart(List<String> command) {
        List<String> apart = new ArrayList<>(List.of("setsid"));
        if ("root".equals(System.getProperty("user.name"))) {
            apart.addAll(List.of("unshare", "-U"));
        }
        apart.addAll(command);
        return apart;
    }

    private void rotateLog() throws IOException {
        Path log = log();
        if (Files.exists(log) && Files.size(log) > LOG_MAX) {
            Files.move(log, log.resolveSibling("log.old"), StandardCopyOption.REPLACE_EXISTING);
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
}
