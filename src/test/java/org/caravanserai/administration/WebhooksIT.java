package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Endpoints of a tenant's own system, which here is on loopback. */
class WebhooksIT extends AdministrationIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private volatile int status = 200;
    private final LoopbackServer receiver = new LoopbackServer(request -> new LoopbackServer.Reply(status, "noted"));

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void showsTheSecretOnlyInTheAnswerThatMadeIt() throws Exception {
        String path = "/api/tenants/" + newTenant() + "/webhooks";

        Answer created = call("POST", path, Map.of("url", receiver.url(), "events", List.of("*")));
        String one = path + "/" + created.body().get("id").asText();
        Answer rotated = call("POST", one + "/rotate-secret", null);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.body().get("secret").asText()).matches("whsec_[A-Za-z0-9+/]{43}=");
        assertThat(created.body().get("enabled").asBoolean()).isTrue();
        assertThat(created.body().get("ordered").asBoolean()).isFalse();
        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.body().get("secret").asText())
                .startsWith("whsec_")
                .isNotEqualTo(created.body().get("secret").asText());
        assertThat(call("GET", one, null).body().get("secret").asText()).isEqualTo("********");
        assertThat(call("GET", path, null).body().at("/items/0/secret").asText()).isEqualTo("********");
    }

    @Test
    void deliversASignedCallToThisEndpointOnly() throws Exception {
        String path = "/api/tenants/" + newTenant() + "/webhooks";
        JsonNode webhook = call("POST", path, Map.of("url", receiver.url() + "/one", "events", List.of("message.sent")))
                .body();
        call("POST", path, Map.of("url", receiver.url() + "/other", "events", List.of("*")));
        String one = path + "/" + webhook.get("id").asText();
        String secondSecret = call("POST", one + "/rotate-secret", null).body().get("secret").asText();

        Answer started = call("POST", one + "/test", null);

        assertThat(started.status()).isEqualTo(202);
        JsonNode delivery = Awaitility.await()
                .atMost(SOON)
                .until(() -> call("GET", one + "/deliveries", null).body().at("/items/0"), d -> d.path("status").asText()
                        .equals("delivered"));
        assertThat(delivery.get("id")).isEqualTo(started.body().get("id"));
        assertThat(delivery.get("eventType").asText()).isEqualTo("webhook.test");
        assertThat(delivery.at("/attempts/0/status").asInt()).isEqualTo(200);
        assertThat(delivery.at("/attempts/0/response").asText()).isEqualTo("noted");
        assertThat(delivery.has("nextAttemptAt")).isFalse();
        assertThat(receiver.requests()).extracting(LoopbackServer.Request::path).containsExactly("/one");
        LoopbackServer.Request request = receiver.requests().getFirst();
        for (String secret : List.of(webhook.get("secret").asText(), secondSecret)) {
            assertThatCode(() -> verify(secret, request)).doesNotThrowAnyException();
        }
        JsonNode body = json.readTree(request.body());
        assertThat(body.get("type").asText()).isEqualTo("webhook.test");
        assertThat(body.get("id").asText()).isEqualTo(request.header("webhook-id"));
        assertThat(request.text()).doesNotContain("whsec_");
    }

    @Test
    void replaysADeliveryAndATimeRange() throws Exception {
        String path = "/api/tenants/" + newTenant() + "/webhooks";
        String one = path + "/"
                + call("POST", path, Map.of("url", receiver.url(), "events", List.of("*"))).body().get("id").asText();
        String delivery = call("POST", one + "/test", null).body().get("id").asText();
        Awaitility.await().atMost(SOON).until(() -> statusOf(one).equals("delivered"));

        Answer replayed = call("POST", one + "/deliveries/" + delivery + "/replay", null);
        Awaitility.await().atMost(SOON).until(() -> receiver.requests().size() == 2 && statusOf(one).equals("delivered"));
        Map<String, Object> range = Map.of(
                "from", Instant.now().minusSeconds(600).toString(), "to", Instant.now().plusSeconds(60).toString());
        Answer failedOnes = call("POST", one + "/replay", range);
        Answer deliveredOnes = call(
                "POST", one + "/replay", Map.of("from", range.get("from"), "to", range.get("to"), "status", "delivered"));

        assertThat(replayed.status()).isEqualTo(202);
        assertThat(failedOnes.body().get("replayed").asInt()).isZero();
        assertThat(deliveredOnes.status()).isEqualTo(202);
        assertThat(deliveredOnes.body().get("replayed").asInt()).isEqualTo(1);
        Awaitility.await().atMost(SOON).until(() -> receiver.requests().size() == 3);
        assertThat(receiver.requests()).extracting(r -> r.header("webhook-id")).containsOnly(
                receiver.requests().getFirst().header("webhook-id"));
        assertThat(call("POST", one + "/deliveries/" + UUID.randomUUID() + "/replay", null).status())
                .isEqualTo(404);
    }

    @Test
    void showsWhenAFailedDeliveryIsTriedNextAndLeavesItSoWhenReplayed() throws Exception {
        String path = "/api/tenants/" + newTenant() + "/webhooks";
        String one = path + "/"
                + call("POST", path, Map.of("url", receiver.url(), "events", List.of("*"))).body().get("id").asText();
        status = 500;
        String id = call("POST", one + "/test", null).body().get("id").asText();
        JsonNode delivery = Awaitility.await()
                .atMost(SOON)
                .until(() -> call("GET", one + "/deliveries", null).body().at("/items/0"), d -> d.path("attempts").size() > 0);

        Answer replayed = call("POST", one + "/deliveries/" + id + "/replay", null);

        assertThat(delivery.get("status").asText()).isEqualTo("pending");
        assertThat(delivery.at("/attempts/0/status").asInt()).isEqualTo(500);
        assertThat(Instant.parse(delivery.get("nextAttemptAt").asText())).isAfter(Instant.now());
        assertThat(replayed.status()).isEqualTo(202);
        assertThat(call("GET", one + "/deliveries", null).body().at("/items/0/nextAttemptAt"))
                .isEqualTo(delivery.get("nextAttemptAt"));
    }

    @Test
    void saysWhyItDisabledAnEndpointAndStartsAfreshWhenEnabled() throws Exception {
        String path = "/api/tenants/" + newTenant() + "/webhooks";
        Map<String, Object> settings = Map.of("url", receiver.url(), "events", List.of("message.sent"));
        String one = path + "/" + call("POST", path, settings).body().get("id").asText();
        status = 410;
        call("POST", one + "/test", null);
        JsonNode disabled = Awaitility.await()
                .atMost(SOON)
                .until(() -> call("GET", one, null).body(), w -> !w.get("enabled").asBoolean());

        Answer toDisabled = call("POST", one + "/test", null);
        Answer enabled = call("PUT", one, settings);

        assertThat(disabled.get("disabledReason").asText()).contains("410");
        assertThat(toDisabled.status()).isEqualTo(409);
        assertThat(enabled.body().get("enabled").asBoolean()).isTrue();
        assertThat(enabled.body().has("disabledReason")).isFalse();
        assertThat(enabled.body().has("failingSince")).isFalse();
    }

    @Test
    void namesEachFieldThatIsWrong() throws Exception {
        String path = "/api/tenants/" + newTenant() + "/webhooks";
        String url = receiver.url();

        Answer empty = call("POST", path, "{}");

        assertThat(empty.status()).isEqualTo(400);
        assertThat(empty.body().get("errors").findValuesAsText("field")).containsExactlyInAnyOrder("url", "events");
        assertThat(fieldAtFault(path, Map.of("url", url, "events", List.of("message.eaten")))).isEqualTo("events");
        assertThat(fieldAtFault(path, Map.of("url", "ftp://example.org", "events", List.of("*")))).isEqualTo("url");
        assertThat(fieldAtFault(path, Map.of("url", url, "events", List.of("*"), "secret", "whsec_mine")))
                .isEqualTo("secret");
        assertThat(call("POST", path, Map.of("url", url, "events", List.of("*"), "colour", "red")).status())
                .isEqualTo(400);
        String one = path + "/"
                + call("POST", path, Map.of("url", url, "events", List.of("*"))).body().get("id").asText();
        assertThat(fieldAtFault(one + "/replay", "{\"to\":\"2026-01-01T00:00:00Z\"}")).isEqualTo("from");
        assertThat(fieldAtFault(
                        one + "/replay", Map.of("from", "2026-01-02T00:00:00Z", "to", "2026-01-01T00:00:00Z")))
                .isEqualTo("to");
    }

    @Test
    void hidesTheEndpointsOfAnotherTenant() throws Exception {
        String path = "/api/tenants/" + newTenant() + "/webhooks";
        Map<String, Object> settings = Map.of("url", receiver.url(), "events", List.of("*"));
        String id = call("POST", path, settings).body().get("id").asText();
        String foreign = "/api/tenants/" + newTenant() + "/webhooks/" + id;

        assertThat(call("GET", foreign, null).status()).isEqualTo(404);
        assertThat(call("PUT", foreign, settings).status()).isEqualTo(404);
        assertThat(call("DELETE", foreign, null).status()).isEqualTo(404);
        assertThat(call("POST", foreign + "/test", null).status()).isEqualTo(404);
        assertThat(call("POST", foreign + "/rotate-secret", null).status()).isEqualTo(404);
        assertThat(call("GET", foreign + "/deliveries", null).status()).isEqualTo(404);
        assertThat(call("DELETE", path + "/" + id, null).status()).isEqualTo(204);
        assertThat(call("GET", path + "/" + id, null).status()).isEqualTo(404);
    }

    private String fieldAtFault(String path, Object body) throws Exception {
        Answer answer = call("POST", path, body);
        assertThat(answer.status()).isEqualTo(400);
        return answer.body().at("/errors/0/field").asText();
    }

    private String statusOf(String webhook) throws Exception {
        return call("GET", webhook + "/deliveries", null).body().at("/items/0/status").asText();
    }

    private static void verify(String secret, LoopbackServer.Request request) {
        StandardWebhooks.verify(
                secret,
                List.of(request.header("webhook-id")),
                List.of(request.header("webhook-timestamp")),
                List.of(request.header("webhook-signature")),
                request.body());
    }
}
