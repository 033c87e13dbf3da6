package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.caravanserai.standin.StandInGraphApi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The main job, end to end: a hundred questions by WhatsApp, each answered once from the tenant's documents. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WhatsappQuestionsIT {

    private static final int QUESTIONS = 100;

    private Town town;

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

    @Test
    @Order(1)
    void eachQuestionIsAnsweredOnceWithACitationATimelineAndItsEvents() throws IOException {
        ask();

        await().atMost(Duration.ofSeconds(60)).until(() -> town.graph.sends().size() >= QUESTIONS);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> town.tenantSystem.events("message.sent").size() >= QUESTIONS
                        && town.tenantSystem.events("message.delivered").size() >= QUESTIONS);
        assertThat(town.graph.sends()).hasSize(QUESTIONS);
        assertThat(addressed()).hasSize(QUESTIONS);
        assertThat(town.tenantSystem.forged()).isZero();
        assertThat(town.tenantSystem.events("message.received")).hasSize(QUESTIONS);
        assertThat(town.tenantSystem.events("message.sent")).hasSize(QUESTIONS);
        assertThat(stages()).allSatisfy(stages -> assertThat(stages)
                .contains(
                        "received",
                        "stored",
                        "enriched",
                        "retrieved",
                        "asked",
                        "replied",
                        "sent",
                        "delivered",
                        "webhook"));
    }

    @Test
    @Order(2)
    void theSameHundredAgainGiveNothing() {
        int calls = town.tenantSystem.calls().size();

        ask();

        await().during(Duration.ofSeconds(6))
                .atMost(Duration.ofSeconds(10))
                .until(() -> town.graph.sends().size() == QUESTIONS
                        && town.tenantSystem.calls().size() == calls);
    }

    @Test
    @Order(3)
    void theRoutesAreCounted() throws Exception {
        var metrics = java.net.http.HttpClient.newHttpClient()
                .send(
                        java.net.http.HttpRequest.newBuilder(town.hub.uri().resolve("/actuator/prometheus"))
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofString());

        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.body())
                .contains(
                        "routeId=\"inbound-whatsapp\"",
                        "routeId=\"conversation-turn\"",
                        "routeId=\"outbound-whatsapp\"",
                        "routeId=\"webhook-deliver\"");
    }

    @Test
    @Order(4)
    void anotherTypeIsAnsweredWithUnsupported() throws IOException {
        byte[] body = town.whatsapp.messages(
                "{\"from\":\"49170000900\",\"id\":\"wamid.image\",\"timestamp\":\"1760000000\",\"type\":\"image\",\"image\":{\"id\":\"1\",\"mime_type\":\"image/png\"}}");

        assertThat(town.whatsapp.post(body)).isEqualTo(200);

        await().atMost(Duration.ofSeconds(20)).until(() -> town.graph.sends().stream()
                .anyMatch(
                        sent -> sent.to().equals("+49170000900") && sent.text().contains("only read text")));
        assertThat(messages()).anyMatch(message -> message.path("type").asText().equals("image"));
    }

    @Test
    @Order(5)
    void ofABatchWithOneBadEntryTheGoodOnesAreKept() {
        byte[] body = town.whatsapp.messages(
                "{\"id\":\"\",\"type\":\"text\"},"
                        + "{\"from\":\"49170000901\",\"id\":\"wamid.good\",\"timestamp\":\"1\",\"type\":\"text\",\"text\":{\"body\":\"When does the library open on Saturday?\"}}");

        assertThat(town.whatsapp.post(body)).isEqualTo(200);

        await().atMost(Duration.ofSeconds(20)).until(() -> town.graph.sends().stream()
                .anyMatch(sent -> sent.to().equals("+49170000901")));
    }

    @Test
    @Order(6)
    void emojiRightToLeftNulAndLongTextsComeThrough() throws IOException {
        String strange = "\ud83d\ude00 \u0645\u0631\u062d\u0628\u0627 a\u0000b";
        String longText = "library ".repeat(8192);

        assertThat(town.whatsapp.post(town.whatsapp.text("wamid.strange", "49170000902", strange)))
                .isEqualTo(200);
        assertThat(town.whatsapp.post(town.whatsapp.text("wamid.long", "49170000903", longText)))
                .isEqualTo(200);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> addressed().containsAll(Set.of("+49170000902", "+49170000903")));
        assertThat(messages())
                .anyMatch(message -> message.path("text").asText().equals(strange.replace('\u0000', '\ufffd')))
                .anyMatch(message -> message.path("text").asText().equals(longText));
    }

    private void ask() {
        IntStream.range(0, QUESTIONS).parallel().forEach(i -> assertThat(
                        town.whatsapp.post(town.whatsapp.text("wamid.q" + i, "4917000" + (1000 + i), Town.question(i))))
                .isEqualTo(200));
    }

    private Set<String> addressed() {
        return town.graph.sends().stream().map(StandInGraphApi.Sent::to).collect(Collectors.toSet());
    }

    private List<JsonNode> messages() throws IOException {
        List<JsonNode> all = new ArrayList<>();
        for (JsonNode conversation : town.api.all(town.tenant + "/conversations")) {
            all.addAll(town.api.all(
                    town.tenant + "/conversations/" + conversation.path("id").asText() + "/messages"));
        }
        return all;
    }

    private List<Set<String>> stages() throws IOException {
        List<Set<String>> all = new ArrayList<>();
        for (JsonNode message : messages()) {
            if (message.path("direction").asText().equals("outbound")) {
                assertThat(message.path("citations"))
                        .as(message.path("text").asText())
                        .isNotEmpty();
                assertThat(message.path("status").asText()).isEqualTo("delivered");
                JsonNode timeline = town.api.get(
                        town.tenant + "/messages/" + message.path("id").asText() + "/timeline");
                Set<String> stages = new java.util.HashSet<>();
                timeline.path("items")
                        .forEach(hop -> stages.add(hop.path("stage").asText()));
                all.add(stages);
            }
        }
        assertThat(all).hasSize(QUESTIONS);
        return all;
    }
}
