package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.caravanserai.standin.SignedWhatsapp;
import org.caravanserai.standin.StandInGraphApi;
import org.caravanserai.standin.StandInTenantSystem;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Conversations that do not go smoothly. Each test has a contact of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConversationEngineIT {

    private static final String SHARED_SECRET = "secret-of-the-shared-app";
    private static final Duration SOON = Duration.ofSeconds(30);

    private Town town;

    @BeforeAll
    void open(@TempDir Path folder) throws IOException {
        town = new Town(folder.resolve("home"), "PT1S", Map.of("HUB_META_APP_SECRET", SHARED_SECRET));
    }

    @AfterAll
    void close() throws Exception {
        if (town != null) {
            town.close();
        }
    }

    @Test
    void aBurstGetsOneReply() {
        for (int i = 0; i < 5; i++) {
            write("49201", "burst" + i, Town.question(i));
        }

        await().atMost(SOON).until(() -> sentTo("49201").size() == 1);
        await().during(Duration.ofSeconds(4))
                .atMost(SOON)
                .until(() -> sentTo("49201").size() == 1);
    }

    @Test
    void whatTheProviderRefusesForNowIsSentAgain() {
        town.graph.answerNext(429, "{\"error\":{\"code\":130429,\"message\":\"slow down\"}}");
        town.graph.answerNext(500, "oops");

        write("49202", "retry", Town.question(0));

        await().atMost(SOON).until(() -> sentTo("49202").size() == 1);
    }

    @Test
    void whatTheProviderRefusesForGoodFailsAndHoldsNothingUp() throws IOException {
        town.graph.answerNext(400, "{\"error\":{\"code\":131026,\"message\":\"undeliverable\"}}");

        write("49203", "refused", Town.question(0));
        await().atMost(SOON)
                .until(() -> town.tenantSystem.events("message.failed").size() == 1);
        write("49203", "after", Town.question(1));

        await().atMost(SOON).until(() -> sentTo("49203").size() == 1);
        assertThat(messages("49203"))
                .anySatisfy(
                        message -> assertThat(message.path("status").asText()).isEqualTo("failed"));
    }

    @Test
    void aSendWhoseAnswerWasLostIsSettledByItsEcho() throws IOException {
        town.graph.answerNext(0, "");

        write("49204", "lost", Town.question(2));

        await().atMost(SOON)
                .ignoreExceptions() // there is no conversation at first
                .until(() -> statuses("49204").contains("delivered"));
        await().during(Duration.ofSeconds(18))
                .atMost(Duration.ofSeconds(25))
                .until(() -> sentTo("49204").size() == 1);
    }

    @Test
    void peopleWinUntilTheyGiveBack() throws Exception {
        write("49205", "first", Town.question(3));
        await().atMost(SOON).until(() -> sentTo("49205").size() == 1);
        String conversation = conversation("49205");

        town.api.post(conversation + "/messages", Map.of("text", "A person here. How can I help?"));
        await().atMost(SOON).until(() -> sentTo("49205").size() == 2);
        write("49205", "second", Town.question(4));

        await().during(Duration.ofSeconds(4))
                .atMost(SOON)
                .until(() -> sentTo("49205").size() == 2);
        assertThat(town.tenantSystem.events("conversation.handed_over")).hasSize(1);
        town.api.put(conversation, Map.of("status", "active"));
        await().atMost(SOON).until(() -> sentTo("49205").size() == 3);
    }

    @Test
    void theSharedDoorFindsTheChannelByItsNumber() {
        SignedWhatsapp shared =
                new SignedWhatsapp(town.hub.uri().resolve("/webhooks/whatsapp"), SHARED_SECRET, Town.PHONE_NUMBER_ID);
        SignedWhatsapp stranger =
                new SignedWhatsapp(town.hub.uri().resolve("/webhooks/whatsapp"), SHARED_SECRET, "999");

        assertThat(shared.post(shared.text("wamid.shared", "49206", Town.question(5))))
                .isEqualTo(200);
        assertThat(stranger.post(stranger.text("wamid.stranger", "49207", Town.question(5))))
                .isEqualTo(200);

        await().atMost(SOON).until(() -> sentTo("49206").size() == 1);
        assertThat(sentTo("49207")).isEmpty();
    }

    @Test
    void aWebhookThatFailsIsDeliveredAgainUnderTheSameId() {
        town.tenantSystem.answerNext(503);

        write("49208", "hooked", Town.question(6));

        await().atMost(SOON).until(() -> town.tenantSystem.events("message.received").stream()
                .anyMatch(event -> event.at("/data/externalId").asText().equals("wamid.hooked")));
    }

    @Test
    void theGenericChannelTakesAndGivesSignedMessages() throws Exception {
        try (StandInTenantSystem shop = new StandInTenantSystem()) {
            JsonNode channel = town.api.post(
                    town.tenant + "/channels",
                    Map.of("type", "generic", "name", "Shop", "config", Map.of("replyUrl", shop.uri() + "/replies")));
            String secret = channel.at("/config/secret").asText();
            shop.secret(secret);
            String body = "{\"id\":\"m-1\",\"contact\":{\"address\":\"ada\",\"name\":\"Ada\"},\"text\":\""
                    + Town.question(4) + "\"}";

            assertThat(postSigned(channel.path("webhookUrl").asText(), secret, body))
                    .isEqualTo(200);
            assertThat(postSigned(channel.path("webhookUrl").asText(), secret, body))
                    .isEqualTo(200);
            assertThat(postSigned(channel.path("webhookUrl").asText(), secret, "{\"id\":\"m-2\"}"))
                    .isEqualTo(400);

            await().atMost(SOON).until(() -> shop.calls().size() == 1);
            assertThat(shop.calls().getFirst().path("text").asText()).contains("twenty cents");
            assertThat(shop.calls().getFirst().at("/contact/address").asText()).isEqualTo("ada");
            await().during(Duration.ofSeconds(3))
                    .atMost(SOON)
                    .until(() -> shop.calls().size() == 1);
            assertThat(shop.forged()).isZero();
        }
    }

    private static int postSigned(String url, String secret, String body) throws Exception {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        Instant now = Instant.now();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("webhook-id", "m")
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header("webhook-signature", StandardWebhooks.sign(List.of(secret), "m", now, bytes))
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private void write(String contact, String id, String text) {
        assertThat(town.whatsapp.post(town.whatsapp.text("wamid." + id, contact, text)))
                .isEqualTo(200);
    }

    private List<StandInGraphApi.Sent> sentTo(String contact) {
        return town.graph.sends().stream()
                .filter(sent -> sent.to().equals("+" + contact))
                .toList();
    }

    private String conversation(String contact) throws IOException {
        return town.api.all(town.tenant + "/conversations").stream()
                .filter(conversation ->
                        conversation.at("/contact/address").asText().equals(contact))
                .map(conversation -> town.tenant + "/conversations/"
                        + conversation.path("id").asText())
                .findFirst()
                .orElseThrow();
    }

    private List<JsonNode> messages(String contact) throws IOException {
        return town.api.all(conversation(contact) + "/messages");
    }

    private List<String> statuses(String contact) throws IOException {
        return messages(contact).stream()
                .map(message -> message.path("status").asText())
                .toList();
    }
}
