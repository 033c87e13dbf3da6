package org.caravanserai.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.caravanserai.startup.StartupFailure;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/** Data written by PostgreSQL 16, as an earlier hub would have left it, in the hands of a hub that brings a later one. */
class EarlierDataIT {

    private static final UUID TENANT = UUID.fromString("0192f5a0-0000-7000-8000-000000000001");
    private static final UUID CHANNEL = UUID.fromString("0192f5a0-0000-7000-8000-000000000002");
    private static final byte[] RAW = {0, '\\', '\t', '\n', (byte) 0xff, 'x'};

    /** A home as the earlier hub left it, from which each test has its copy. */
    @TempDir
    private static Path left;

    @TempDir
    private Path folder;

    @TempDir
    private Path otherFolder;

    private HubHome home;
    private EmbeddedPostgres postgres;

    @BeforeAll
    static void leaveDataOfAnEarlierVersion() throws Exception {
        try (HubHome home = HubHome.lock(left)) {
            writeWithAnEarlierVersion(home);
        }
    }

    @BeforeEach
    void findThem() throws IOException {
        Path programs = left.resolve("postgres/binaries-earlier");
        try (Stream<Path> all = Files.walk(left)) {
            for (Path file :
                    all.skip(1).filter(path -> !path.startsWith(programs)).toList()) {
                Files.copy(file, folder.resolve(left.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        UnpackedPostgres.link(programs, folder.resolve("postgres/binaries-earlier"));
        home = HubHome.lock(folder);
    }

    private static void writeWithAnEarlierVersion(HubHome home) throws Exception {
        Path parent = Files.createDirectories(EmbeddedPostgres.folder(home));
        Path programs = parent.resolve("binaries-earlier");
        try (InputStream archive =
                Files.newInputStream(Path.of("target/earlier-postgresql" + PostgresBinaries.archive()))) {
            PostgresBinaries.unpack(archive, programs);
        }
        String password = EmbeddedPostgres.superuserPassword(home);
        Path data = parent.resolve("data-16");
        assertThat(PostgresServer.run(
                        List.of(
                                programs.resolve("bin/initdb").toString(),
                                "-D",
                                data.toString(),
                                "-U",
                                PostgresServer.SUPERUSER,
                                "--auth=scram-sha-256",
                                "--pwfile=" + parent.resolve("superuser-password"),
                                "--encoding=UTF8",
                                "--locale=C"),
                        parent.resolve("initdb.log")))
                .isZero();
        PostgresServer earlier = new PostgresServer(programs, data, password);
        earlier.start();
        JdbcClient.create(new DriverManagerDataSource(earlier.url("postgres"), PostgresServer.SUPERUSER, password))
                .sql("create database caravanserai")
                .update();
        Flyway flyway = Flyway.configure()
                .dataSource(earlier.url(EmbeddedPostgres.DATABASE), PostgresServer.SUPERUSER, password)
                .target("1")
                .load();
        flyway.migrate();
        JdbcClient jdbc = JdbcClient.create(flyway.getConfiguration().getDataSource());
        jdbc.sql("insert into tenants (id, name) values (?, 'Fernhill مرحبا 🌿')")
                .param(TENANT)
                .update();
        jdbc.sql("insert into channels (id, tenant_id, type, name) values (?, ?, 'generic', 'Chat')")
                .params(CHANNEL, TENANT)
                .update();
        for (int event = 1; event <= 3; event++) {
            jdbc.sql("insert into inbox (tenant_id, channel_id, event_key, body) values (?, ?, ?, ?)")
                    .params(TENANT, CHANNEL, "event-" + event, RAW)
                    .update();
        }
        jdbc.sql("""
                insert into dead_letters (id, tenant_id, route_id, subject_id, cause, attempts, payload)
                  values (gen_random_uuid(), ?, 'conversation-answer', 'conversation/1', 'It failed.', 5, ?),
                    (gen_random_uuid(), ?, 'conversation-receive', 'inbox/1', 'It is no JSON.', 1, ?)""")
                .params(TENANT, List.of(TENANT, CHANNEL).toString().getBytes(StandardCharsets.US_ASCII), TENANT, RAW)
                .update();
        earlier.stop();
    }

    @AfterEach
    void stop() {
        if (postgres != null) {
            postgres.stop();
        }
        home.close();
    }

    @Test
    void isUpgradedAtTheStartOfAHubThatBringsALaterVersion() throws IOException {
        Flyway flyway = startLaterVersion(home);

        EarlierData.ofOtherVersion(home).orElseThrow().moveInto(flyway, "upgraded");
        flyway.migrate();

        assertThatAllIsThereOnce(flyway);
        assertThatLettersOfTurnsKnowTheirMessages(
                JdbcClient.create(flyway.getConfiguration().getDataSource()));
        assertThat(EarlierData.ofOtherVersion(home)).isEmpty();
        assertThat(folder.resolve("postgres/data-16.upgraded")).isDirectory();
    }

    @Test
    void isNotCopiedTwiceWhereTheHubDiedBeforeItCouldPutTheFolderAside() throws Exception {
        Flyway flyway = startLaterVersion(home);
        EarlierData.ofOtherVersion(home).orElseThrow().moveInto(flyway, "upgraded");
        Files.move(folder.resolve("postgres/data-16.upgraded"), folder.resolve("postgres/data-16"));

        EarlierData.ofOtherVersion(home).orElseThrow().moveInto(flyway, "upgraded");

        assertThatAllIsThereOnce(flyway);
        assertThat(folder.resolve("postgres/data-16.upgraded")).isDirectory();
    }

    @Test
    void staysWhereItIsWhenTheProgramsThatReadItAreGone() throws IOException {
        Flyway flyway = startLaterVersion(home);
        FileSystemUtils.deleteRecursively(
                folder.resolve("postgres/binaries-earlier").toFile());
        EarlierData earlier = EarlierData.ofOtherVersion(home).orElseThrow();

        assertThatThrownBy(() -> earlier.moveInto(flyway, "upgraded"))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("PostgreSQL 16");
        assertThat(folder.resolve("postgres/data-16")).isDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"login createrole", "login"})
    void movesToADatabaseOfTheOperatorWhateverItsOwnerMayDo(String rights) throws IOException {
        try (HubHome elsewhere = HubHome.lock(otherFolder)) {
            startLaterVersion(elsewhere);
            Flyway flyway = databaseOfTheOperator(rights);

            EarlierData.ofAnyVersion(home).orElseThrow().moveInto(flyway, "moved");
            flyway.migrate();

            JdbcClient admin = JdbcClient.create(superuser(postgres.url().replace("/caravanserai?", "/theirs?")));
            assertThat(admin.sql("select count(*) from inbox")
                            .query(Integer.class)
                            .single())
                    .isEqualTo(3);
            assertThat(admin.sql("select relforcerowsecurity from pg_class where relname = 'inbox'")
                            .query(Boolean.class)
                            .single())
                    .isEqualTo(rights.equals("login"));
            assertThatLettersOfTurnsKnowTheirMessages(admin);
            assertThat(folder.resolve("postgres/data-16.moved")).isDirectory();
        }
    }

    @Test
    void isNotMovedIntoADatabaseThatHasRows() throws IOException {
        try (HubHome elsewhere = HubHome.lock(otherFolder)) {
            startLaterVersion(elsewhere);
            Flyway flyway = databaseOfTheOperator("login createrole");
            flyway.migrate();
            JdbcClient.create(flyway.getConfiguration().getDataSource())
                    .sql("insert into tenants (id, name) values (gen_random_uuid(), 'Somebody else')")
                    .update();
            EarlierData earlier = EarlierData.ofAnyVersion(home).orElseThrow();

            assertThatThrownBy(() -> earlier.moveInto(flyway, "moved"))
                    .isInstanceOf(StartupFailure.class)
                    .hasMessageContaining("not empty");
            assertThat(folder.resolve("postgres/data-16")).isDirectory();
        }
    }

    @Test
    void isNotMovedAwayFromTheKeySetThatItsSecretsWereEncryptedWith() {
        home.secret(HubHome.KEY_SET, () -> "{\"primaryKeyId\":1}");
        HomeKeySet keySet = new HomeKeySet(home);

        keySet.requireSame(" { \"primaryKeyId\" : 1 }\n");
        assertThatThrownBy(() -> keySet.requireSame("{\"primaryKeyId\":2}"))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("HUB_ENCRYPTION_KEYSET");
    }

    private Flyway startLaterVersion(HubHome where) throws IOException {
        UnpackedPostgres.giveTo(where.folder());
        postgres = new EmbeddedPostgres(where, () -> {});
        postgres.start();
        return flyway(postgres.url(), PostgresServer.SUPERUSER, postgres.superuserPassword());
    }

    private Flyway databaseOfTheOperator(String rights) {
        JdbcClient admin = JdbcClient.create(superuser(postgres.url()));
        if (rights.equals("login")) {
            // what some other user of the same server made does not bind this one
            admin.sql("drop role if exists caravanserai_runtime").update();
        }
        admin.sql("create role operator " + rights + " password 'of-theirs'").update();
        admin.sql("create database theirs owner operator").update();
        return flyway(postgres.url().replace("/caravanserai?", "/theirs?"), "operator", "of-theirs");
    }

    private DriverManagerDataSource superuser(String url) {
        return new DriverManagerDataSource(url, PostgresServer.SUPERUSER, postgres.superuserPassword());
    }

    private static Flyway flyway(String url, String user, String password) {
        return Flyway.configure().dataSource(url, user, password).load();
    }

    private static void assertThatAllIsThereOnce(Flyway flyway) {
        JdbcClient jdbc = JdbcClient.create(flyway.getConfiguration().getDataSource());
        assertThat(jdbc.sql("select name from tenants").query(String.class).list())
                .containsExactly("Fernhill مرحبا 🌿");
        assertThat(jdbc.sql("select body from inbox order by seq")
                        .query(byte[].class)
                        .list())
                .containsExactly(RAW, RAW, RAW);
        Optional<Long> next = jdbc.sql(
                        "insert into inbox (tenant_id, channel_id, event_key, body) values (?, ?, 'event-4', ?)"
                                + " returning seq")
                .params(TENANT, CHANNEL, RAW)
                .query(Long.class)
                .optional();
        assertThat(next).contains(4L);
    }

    /** Version 1 kept them in the letter's payload. */
    private static void assertThatLettersOfTurnsKnowTheirMessages(JdbcClient jdbc) {
        assertThat(jdbc.sql(
                                "select route_id || ' ' || array_to_string(messages, ' ') from dead_letters order by route_id")
                        .query(String.class)
                        .list())
                .containsExactly("conversation-answer " + TENANT + " " + CHANNEL, "conversation-receive ");
    }
}
