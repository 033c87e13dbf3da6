package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.caravanserai.standin.StandInGraphApi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills the hub, its PostgreSQL, or both in the middle of traffic; afterwards nothing is lost and nothing doubled. What an
 * earlier kill left is looked at again after each later one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KillRecoveryIT {

    private static final int CONTACTS = 40;
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    private enum Victim {
        HUB,
        POSTGRES,
        BOTH
    }

    private Town town;
    private int contacts;

    @BeforeAll
    void open(@TempDir Path folder) throws IOException {
        town = new Town(folder.resolve("home"), "PT0S");
    }

    @AfterAll
    void close() throws Exception {
        if (town != null) {
            town.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void losesAndDoublesNothing(Victim victim) throws Exception {
        // a PostgreSQL that is not the hub's own is not ours to kill
        assumeThat(victim == Victim.HUB || !ExternalParts.hasPostgres()).isTrue();
        int before = contacts;
        int sendsBefore = town.graph.sends().size();
        contacts += CONTACTS;
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> posts = new ArrayList<>();
            for (int i = before; i < contacts; i++) {
                int contact = i;
                posts.add(CompletableFuture.runAsync(() -> write(town, contact), senders));
            }
            await().atMost(RECOVERY).until(() -> town.graph.sends().size() >= sendsBefore + CONTACTS / 4);

            strike(town, victim);

            CompletableFuture.allOf(posts.toArray(CompletableFuture[]::new)).get(90, TimeUnit.SECONDS);
            await().atMost(RECOVERY)
                    .untilAsserted(() -> assertThat(everythingAnswered()).isTrue());
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(20)).until(this::sendsEqualReplies);
            assertThat(town.tenantSystem.forged()).isZero();
            await().atMost(RECOVERY).untilAsserted(() -> assertThat(town.tenantSystem.events("message.received"))
                    .extracting(event -> event.at("/data/externalId").asText())
                    .doesNotHaveDuplicates()
                    .hasSize(2 * contacts));
            await().atMost(RECOVERY).untilAsserted(() -> assertThat(town.tenantSystem.events("message.sent"))
                    .hasSameSizeAs(town.graph.sends()));
        }
    }

    /** Two messages, the second after the first was accepted; each is posted until it is, as Meta does. */
    private static void write(Town town, int contact) {
        for (String part : List.of("a", "b")) {
            byte[] body = town.whatsapp.text(
                    "wamid.k" + contact + part,
                    "4917100" + (1000 + contact),
                    Town.question(contact) + " (" + part + ")");
            while (town.whatsapp.post(body) != 200) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
        }
    }

    private static void strike(Town town, Victim victim) throws Exception {
        boolean restart = victim != Victim.POSTGRES;
        if (restart) {
            town.hub.kill();
        }
        if (victim != Victim.HUB) {
            town.hub.killPostgres();
        }
        if (restart) {
            town.hub.launch();
        }
        town.hub.awaitReady();
    }

    private boolean everythingAnswered() throws IOException {
        List<JsonNode> conversations = town.api.all(town.tenant + "/conversations");
        Set<String> answered = new HashSet<>();
        for (JsonNode conversation : conversations) {
            List<JsonNode> messages = messages(conversation);
            List<String> texts = messages.stream()
                    .filter(message -> message.path("direction").asText().equals("inbound"))
                    .map(message -> message.path("text").asText())
                    .toList();
            // in order, each once
            assertThat(texts).hasSize(2);
            assertThat(texts.get(0)).endsWith("(a)");
            assertThat(texts.get(1)).endsWith("(b)");
            JsonNode last = messages.getLast();
            if (last.path("direction").asText().equals("outbound")
                    && Set.of("sent", "delivered").contains(last.path("status").asText())) {
                answered.add(conversation.path("id").asText());
            }
        }
        return answered.size() == contacts;
    }

    /** Whatever the hub has recorded as sent was seen exactly once at the provider. */
    private boolean sendsEqualReplies() throws IOException {
        int replies = 0;
        for (JsonNode conversation : town.api.all(town.tenant + "/conversations")) {
            replies += (int) messages(conversation).stream()
                    .filter(message -> message.path("direction").asText().equals("outbound"))
                    .count();
        }
        Map<String, Long> byOurId = town.graph.sends().stream()
                .collect(Collectors.groupingBy(StandInGraphApi.Sent::ourId, Collectors.counting()));
        assertThat(byOurId).allSatisfy((id, times) -> assertThat(times).as(id).isOne());
        return replies == town.graph.sends().size();
    }

    private List<JsonNode> messages(JsonNode conversation) throws IOException {
        return town.api.all(
                town.tenant + "/conversations/" + conversation.path("id").asText() + "/messages");
    }
}
