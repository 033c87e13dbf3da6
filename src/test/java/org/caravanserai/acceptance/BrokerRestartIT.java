package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.caravanserai.embedded.SharedParts;
import org.caravanserai.standin.StandInGraphApi;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The broker goes away in the middle of traffic and comes back empty; nobody helps. */
@Tag("stops-the-broker") // and with it, where it is a real one, that of every other test
class BrokerRestartIT {

    private static final int BEFORE = 20;
    private static final int WHILE_AWAY = 10;
    private static final int AFTERWARDS = 5;
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(strings = {"classic", "quorum"})
    void isNotNeededToAnswerAndItsLossLosesAndDoublesNothing(String queueType, @TempDir Path folder) throws Exception {
        // the embedded broker knows no such kinds
        assumeThat(queueType.equals("classic") || ExternalParts.hasRabbitmq()).isTrue();
        try (SharedParts parts = new SharedParts(folder.resolve("parts"));
                Town town = new Town(folder.resolve("home"), "PT0S", settings(parts, queueType));
                SingleConnectionDataSource connection = connection(parts.settings());
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            JdbcClient database = JdbcClient.create(connection);
            List<CompletableFuture<Void>> early = new ArrayList<>();
            for (int i = 0; i < BEFORE; i++) {
                int contact = i;
                early.add(CompletableFuture.runAsync(() -> write(town, contact), senders));
            }
            await().atMost(RECOVERY).until(() -> town.graph.sends().size() >= BEFORE / 4);

            parts.stopBroker();
            try {
                for (int i = BEFORE; i < BEFORE + WHILE_AWAY; i++) {
                    write(town, i);
                }
                await().atMost(RECOVERY).until(() -> answered(town) >= WHILE_AWAY);
                letOneComeDue(database);
                await().during(Duration.ofSeconds(3)) // several sweeps, none of which spends the wake-up on nobody
                        .until(() -> isToBeWoken(database));
            } finally {
                parts.startBroker();
            }
            await().atMost(RECOVERY).until(() -> !isToBeWoken(database));

            CompletableFuture.allOf(early.toArray(CompletableFuture[]::new)).get(90, TimeUnit.SECONDS);
            await().atMost(RECOVERY)
                    .untilAsserted(() -> assertThat(town.graph.sends()).hasSize(BEFORE + WHILE_AWAY));
            for (int i = 0; i < AFTERWARDS; i++) {
                write(town, BEFORE + WHILE_AWAY + i);
            }
            await().during(Duration.ofSeconds(3))
                    .atMost(RECOVERY)
                    .until(() -> town.graph.sends().size() == BEFORE + WHILE_AWAY + AFTERWARDS);
            assertThat(town.graph.sends())
                    .extracting(StandInGraphApi.Sent::to)
                    .as("one reply each")
                    .doesNotHaveDuplicates();
        }
    }

    private static Map<String, String> settings(SharedParts parts, String queueType) {
        Map<String, String> settings = new HashMap<>(parts.settings());
        settings.put(
                "SPRING_APPLICATION_JSON",
                "{\"hub\":{\"broker\":{\"queue-arguments\":{\"x-queue-type\":\"" + queueType + "\"}}}}");
        return settings;
    }

    private static SingleConnectionDataSource connection(Map<String, String> settings) {
        return new SingleConnectionDataSource(
                settings.get("SPRING_DATASOURCE_URL"),
                settings.get("SPRING_DATASOURCE_USERNAME"),
                settings.get("SPRING_DATASOURCE_PASSWORD"),
                true);
    }

    /** A conversation whose wake-up was lost, so that the sweep has to publish the next one now. */
    private static void letOneComeDue(JdbcClient database) {
        database.sql("select set_config('hub.scope', 'all', false)")
                .query(String.class)
                .single();
        int changed = database.sql("""
                        update conversations set due_at = now(), next_wake_at = now()
                          where id = (select id from conversations where due_at is null limit 1)""").update();
        assertThat(changed).isEqualTo(1);
    }

    private static boolean isToBeWoken(JdbcClient database) {
        return database.sql("select exists (select 1 from conversations where next_wake_at <= now())")
                .query(Boolean.class)
                .single();
    }

    /** How many of those who wrote while the broker was away have their reply. */
    private static long answered(Town town) {
        return IntStream.range(BEFORE, BEFORE + WHILE_AWAY)
                .filter(contact ->
                        town.graph.sends().stream().anyMatch(sent -> sent.to().endsWith(address(contact))))
                .count();
    }

    private static String address(int contact) {
        return "4917500" + (1000 + contact);
    }

    /** Posted until it is taken, as Meta does. */
    private static void write(Town town, int contact) {
        byte[] body = town.whatsapp.text("wamid.q" + contact, address(contact), Town.question(contact));
        while (town.whatsapp.post(body) != 200) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }
}
