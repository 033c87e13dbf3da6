package org.caravanserai.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import org.caravanserai.startup.StartupFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The hub's own PostgreSQL, with its data below {@code HUB_HOME}. It is a process beside ours: it may outlive a hub that
 * was killed, and may be killed under a hub that lives.
 */
final class EmbeddedPostgres {

    static final String DATABASE = "caravanserai";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final int RESTARTS_MAX = 5;

    private final HubHome home;
    private final Path folder;
    private final Path data;
    private final Runnable onGivenUp;
    private PostgresServer server;
    private int restarts;
    private volatile boolean stopping;

    /** @param onGivenUp called when the server died and could not be brought back */
    EmbeddedPostgres(HubHome home, Runnable onGivenUp) {
        this.home = home;
        this.folder = folder(home);
        this.data = folder.resolve("data-" + PostgresBinaries.MAJOR_VERSION);
        this.onGivenUp = onGivenUp;
    }

    /** Where the home's servers keep their data, programs, passwords and log. */
    static Path folder(HubHome home) {
        return home.resolve("postgres");
    }

    static String superuserPassword(HubHome home) {
        return home.secret("postgres/superuser-password", EmbeddedPostgres::randomPassword);
    }

    /** Starts the server and returns when it takes connections. */
    synchronized void start() {
        try {
            Files.createDirectories(folder);
            Path programs = PostgresBinaries.unpack(folder);
            initialise(programs);
            server = new PostgresServer(programs, data, superuserPassword());
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
        return server.url(DATABASE);
    }

    String superuserPassword() {
        return superuserPassword(home);
    }

    String runtimePassword() {
        return home.secret("postgres/runtime-password", EmbeddedPostgres::randomPassword);
    }

    /** Lets the run-time role, which the migrations made, log in by itself. */
    void allowRuntimeLogin() {
        // the password is hexadecimal digits of our own, so it needs no quoting
        execute(DATABASE, "alter role caravanserai_runtime login password '" + runtimePassword() + "'");
    }

    synchronized void stop() {
        stopping = true;
        if (server != null) {
            server.stop();
        }
    }

    private void initialise(Path programs) throws IOException, InterruptedException {
        Path scratch = folder.resolve("data.new");
        FileSystemUtils.deleteRecursively(scratch);
        if (Files.exists(data)) {
            return;
        }
        superuserPassword();
        Path output = folder.resolve("initdb.log");
        int status = PostgresServer.run(
                List.of(
                        programs.resolve("bin").resolve("initdb").toString(),
                        "-D",
                        scratch.toString(),
                        "-U",
                        PostgresServer.SUPERUSER,
                        "--auth=scram-sha-256",
                        "--pwfile=" + folder.resolve("superuser-password"),
                        "--encoding=UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8"),
                output);
        if (status != 0) {
            throw new IOException("initdb failed: " + Files.readString(output).strip());
        }
        Files.move(scratch, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private void launch() throws IOException, InterruptedException {
        server.start();
        server.process().onExit().thenAccept(this::died);
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
            LOG.error("PostgreSQL cannot be brought back; the hub ends. See {}", server.log(), givenUp);
            onGivenUp.run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void createDatabase() throws IOException {
        try (Connection connection = server.connect("postgres");
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
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException("PostgreSQL refused a statement of the hub's own", failed);
        }
    }

    private static String randomPassword() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
