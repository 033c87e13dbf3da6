package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills the hub, its PostgreSQL, or both in the middle of traffic; afterwards nothing is lost and nothing doubled. */
class KillRecoveryIT {

    private static final int CONTACTS = 40;
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    private enum Victim {
        HUB,
        POSTGRES,
        BOTH
    }

    @ParameterizedTest
    @EnumSource
    void losesAndDoublesNothing(Victim victim, @TempDir Path folder) throws Exception {
        try (Town town = new Town(folder.resolve("home"), "PT0S");
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> posts = new ArrayList<>();
            for (int i = 0; i < CONTACTS; i++) {
                int contact = i;
                posts.add(CompletableFuture.runAsync(() -> write(town, contact), senders));
            }
            await().atMost(RECOVERY).until(() -> town.graph.sends().size() >= CONTACTS / 4);

            strike(town, victim);

            CompletableFuture.allOf(posts.toArray(CompletableFuture[]::new)).get(90, TimeUnit.SECONDS);
            await().atMost(RECOVERY)
                    .untilAsserted(() -> assertThat(everythingAnswered(town)).isTrue());
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(20)).until(() -> sendsEqualReplies(town));
            assertThat(town.tenantSystem.forged()).isZero();
            await().atMost(RECOVERY).untilAsserted(() -> assertThat(town.tenantSystem.events("message.received"))
                    .extracting(event -> event.at("/data/externalId").asText())
                    .doesNotHaveDuplicates()
                    .hasSize(2 * CONTACTS));
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

    private static boolean everythingAnswered(Town town) throws IOException {
        List<JsonNode> conversations = town.api.all(town.tenant + "/conversations");
        Set<String> answered = new HashSet<>();
        for (JsonNode conversation : conversations) {
            List<JsonNode> messages = messages(town, conversation);
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
        return answered.size() == CONTACTS;
    }

    /** Whatever the hub has recorded as sent was seen exactly once at the provider. */
    private static boolean sendsEqualReplies(Town town) throws IOException {
        int replies = 0;
        for (JsonNode conversation : town.api.all(town.tenant + "/conversations")) {
            replies += (int) messages(town, conversation).stream()
                    .filter(message -> message.path("direction").asText().equals("outbound"))
                    .count();
        }
        Map<String, Long> byOurId = town.graph.sends().stream()
                .collect(Collectors.groupingBy(StandInGraphApi.Sent::ourId, Collectors.counting()));
        assertThat(byOurId).allSatisfy((id, times) -> assertThat(times).as(id).isOne());
        return replies == town.graph.sends().size();
    }

    private static List<JsonNode> messages(Town town, JsonNode conversation) throws IOException {
        return town.api.all(
                town.tenant + "/conversations/" + conversation.path("id").asText() + "/messages");
    }
}
