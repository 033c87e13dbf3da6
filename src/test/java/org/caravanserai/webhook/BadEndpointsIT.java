package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.HubIT;
import org.caravanserai.standin.RawServer;
import org.junit.jupiter.api.Test;

/** Deliveries to endpoints that do not behave: each attempt is logged for what it was. */
class BadEndpointsIT extends HubIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    @Test
    void logsAnAttemptThatTricklesAsNoAnswerAndGoesOn() throws Exception {
        try (RawServer trickling =
                new RawServer(RawServer.trickling("HTTP/1.1 200 OK\r\nX-A: ", Duration.ofMillis(500)))) {
            JsonNode delivery = attempted(trickling.uri());

            assertThat(delivery.get("status").asText()).isEqualTo("pending");
            assertThat(delivery.at("/attempts/0/status").isNull()).isTrue();
            assertThat(delivery.at("/attempts/0/error").asText()).isNotBlank();
            assertThat(delivery.at("/attempts/0/durationMs").asInt()).isBetween(10_000, 20_000);
            assertThat(delivery.has("nextAttemptAt")).isTrue();
        }
    }

    @Test
    void keepsTheFirstKibibyteOfAnEndlessAnswer() throws Exception {
        try (RawServer endless = new RawServer(RawServer.trickling("HTTP/1.1 500 Oops\r\n\r\n", Duration.ZERO))) {
            JsonNode delivery = attempted(endless.uri());

            assertThat(delivery.get("status").asText()).isEqualTo("pending");
            assertThat(delivery.at("/attempts/0/status").asInt()).isEqualTo(500);
            assertThat(delivery.at("/attempts/0/response").asText()).hasSize(1024);
        }
    }

    @Test
    void takesARedirectForAFailureAndDoesNotFollowIt() throws Exception {
        try (RawServer elsewhere = new RawServer(RawServer.text("HTTP/1.1 204 No Content\r\n\r\n"));
                RawServer moved = new RawServer(RawServer.text(
                        "HTTP/1.1 307 Moved\r\nLocation: " + elsewhere.uri() + "\r\nContent-Length: 0\r\n\r\n"))) {
            JsonNode delivery = attempted(moved.uri());

            assertThat(delivery.get("status").asText()).isEqualTo("pending");
            assertThat(delivery.at("/attempts/0/status").asInt()).isEqualTo(307);
            assertThat(elsewhere.connections()).isZero();
        }
    }

    @Test
    void logsAFailedHandshake() throws Exception {
        try (RawServer plain = new RawServer(RawServer.text("HTTP/1.1 400 Bad Request\r\n\r\n"))) {
            JsonNode delivery = attempted("https://127.0.0.1:" + plain.port());

            assertThat(delivery.get("status").asText()).isEqualTo("pending");
            assertThat(delivery.at("/attempts/0/error").asText()).contains("SSL");
        }
    }

    @Test
    void takesASuccessForDeliveredThoughItIsResetThen() throws Exception {
        try (RawServer resetting =
                new RawServer(RawServer.reset("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npartial"))) {
            JsonNode delivery = attempted(resetting.uri());

            assertThat(delivery.get("status").asText()).isEqualTo("delivered");
            assertThat(delivery.at("/attempts/0/status").asInt()).isEqualTo(200);
        }
    }

    /** The delivery of the event webhook.test to this URL, after its first attempt. */
    private JsonNode attempted(String url) throws Exception {
        UUID tenant = newTenant();
        String webhooks = "/api/tenants/" + tenant + "/webhooks";
        JsonNode webhook = call("POST", webhooks, Map.of("url", url, "events", List.of("budget.exceeded")))
                .body();
        String one = webhooks + "/" + webhook.get("id").asText();
        assertThat(call("POST", one + "/test", null).status()).isEqualTo(202);
        return await().atMost(SOON)
                .until(
                        () -> call("GET", one + "/deliveries", null).body().at("/items/0"),
                        delivery -> !delivery.at("/attempts").isEmpty());
    }
}
