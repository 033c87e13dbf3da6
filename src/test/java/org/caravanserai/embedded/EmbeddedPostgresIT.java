package org.caravanserai.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {

    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);

    private final AtomicBoolean isGivenUp = new AtomicBoolean();

    @TempDir
    private Path folder;

    private HubHome home;
    private EmbeddedPostgres postgres;

    @BeforeEach
    void start() throws IOException {
        UnpackedPostgres.giveTo(folder);
        home = HubHome.lock(folder);
        postgres = new EmbeddedPostgres(home, () -> isGivenUp.set(true));
        postgres.start();
    }

    @AfterEach
    void stop() {
        postgres.stop();
        home.close();
    }

    @Test
    void isAsDurableAndAsClosedAsARealOne() throws SQLException {
        Map<String, String> expected = Map.of(
                "fsync", "on",
                "synchronous_commit", "on",
                "full_page_writes", "on",
                "listen_addresses", "127.0.0.1",
                "unix_socket_directories", "",
                "server_encoding", "UTF8");

        for (Map.Entry<String, String> setting : expected.entrySet()) {
            assertThat(ask("show " + setting.getKey())).as(setting.getKey()).isEqualTo(setting.getValue());
        }
    }

    @Test
    void refusesWhoeverDoesNotKnowThePassword() {
        assertThatThrownBy(() -> DriverManager.getConnection(postgres.url(), PostgresServer.SUPERUSER, "postgres"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void keepsDataAndProgramsInTheHome(@TempDir Path other) throws IOException {
        try (HubHome empty = HubHome.lock(other);
                Stream<Path> postgres = startAndStop(empty)) {
            assertThat(other.resolve("postgres/data-17/PG_VERSION")).exists();
            assertThat(postgres)
                    .anyMatch(path -> path.getFileName().toString().startsWith("binaries-") && Files.isDirectory(path));
        }
    }

    @Test
    void findsItsRowsAgainAfterARestart() throws SQLException {
        tell("create table kept as select 42 as answer");
        postgres.stop();

        postgres = new EmbeddedPostgres(home, () -> isGivenUp.set(true));
        postgres.start();

        assertThat(ask("select answer from kept")).isEqualTo("42");
    }

    @Test
    void comesBackAtTheSameAddressWhenItIsKilledUnderTheHub() throws Exception {
        tell("create table kept as select 42 as answer");

        killServer();

        await().atMost(LONG_ENOUGH).ignoreExceptions().untilAsserted(() -> assertThat(ask("select answer from kept"))
                .isEqualTo("42"));
        assertThat(isGivenUp).isFalse();
    }

    @Test
    void endsTheHubWhenItDiesAgainAndAgain() throws Exception {
        // five deaths are borne; one that comes before the server counts as started is not one of them
        AtomicLong killed = new AtomicLong(-1);

        await().atMost(LONG_ENOUGH.multipliedBy(6)).ignoreExceptions().until(() -> {
            long pid = serverPid();
            if (!isGivenUp.get() && pid != killed.get() && ask("select 1").equals("1")) {
                killServer();
                killed.set(pid);
            }
            return isGivenUp.get();
        });
    }

    @Test
    void stopsTheServerThatAKilledHubLeftBehindBeforeItStartsItsOwn(@TempDir Path other) throws Exception {
        UnpackedPostgres.giveTo(other);
        try (HubHome abandoned = HubHome.lock(other)) {
            EmbeddedPostgres first = new EmbeddedPostgres(abandoned, () -> {});
            first.start();
            first.stop();
            // what is left of a hub that was killed: a server, and nobody who watches it
            Path data = other.resolve("postgres/data-17");
            PostgresServer orphan = new PostgresServer(
                    PostgresBinaries.unpack(other.resolve("postgres")), data, first.superuserPassword());
            orphan.start();

            EmbeddedPostgres next = new EmbeddedPostgres(abandoned, () -> {});
            next.start();

            assertThat(orphan.process().isAlive()).isFalse();
            assertThat(Files.readString(data.resolve("postmaster.pid"))).isNotBlank();
            next.stop();
        }
    }

    @Test
    void throwsAHalfMadeDataFolderAway(@TempDir Path other) throws Exception {
        Path half = Files.createDirectories(other.resolve("postgres/data.new"));
        Files.writeString(half.resolve("PG_VERSION"), "17");
        UnpackedPostgres.giveTo(other);
        try (HubHome interrupted = HubHome.lock(other)) {
            EmbeddedPostgres next = new EmbeddedPostgres(interrupted, () -> {});

            next.start();

            assertThat(half).doesNotExist();
            next.stop();
        }
    }

    @Test
    void leavesNoProcessBehindWhenItIsStopped() throws Exception {
        long pid = serverPid();

        postgres.stop();

        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    /** What is then below the home. */
    private static Stream<Path> startAndStop(HubHome empty) throws IOException {
        EmbeddedPostgres first = new EmbeddedPostgres(empty, () -> {});
        first.start();
        first.stop();
        return Files.list(empty.resolve("postgres"));
    }

    private void killServer() throws Exception {
        ProcessHandle.of(serverPid()).ifPresent(ProcessHandle::destroyForcibly);
    }

    private long serverPid() throws Exception {
        return Long.parseLong(Files.readAllLines(folder.resolve("postgres/data-17/postmaster.pid"))
                .getFirst()
                .strip());
    }

    private String ask(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            found.next();
            return found.getString(1);
        }
    }

    private void tell(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.url(), PostgresServer.SUPERUSER, postgres.superuserPassword());
    }
}
