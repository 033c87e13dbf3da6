package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.caravanserai.HubIT;
import org.caravanserai.standin.StandInServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Endpoints that fail for long, or for good. */
class FailingEndpointIT extends HubIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    private UUID tenant;

    private static final class Endpoint extends StandInServer {

        final List<String> taken = new CopyOnWriteArrayList<>();
        final AtomicReference<String> retryAfter = new AtomicReference<>();
        volatile int status;

        Endpoint(int status) {
            this.status = status;
        }

        @Override
        protected void handle(HttpExchange exchange) throws IOException {
            taken.add(new String(exchange.getRequestBody().readAllBytes()));
            if (retryAfter.get() != null) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter.get());
            }
            answer(exchange, status, new byte[0]);
        }
    }

    @BeforeEach
    void makeATenant() {
        tenant = newTenant();
    }

    @Test
    void isDisabledAtOnceWhenItIsGoneAndTheTenantIsTold() throws Exception {
        try (Endpoint gone = new Endpoint(410);
                Endpoint other = new Endpoint(204)) {
            webhook(other, "webhook.disabled");
            String webhook = webhook(gone, "budget.exceeded");

            test(webhook);

            JsonNode told = told(other);
            assertThat(told.at("/type").asText()).isEqualTo("webhook.disabled");
            assertThat(told.at("/data/id").asText()).isEqualTo(webhook);
            assertThat(told.at("/data/reason").asText()).contains("410");
            assertThat(read(webhook).at("/enabled").asBoolean()).isFalse();
            assertThat(read(webhook).at("/disabledReason").asText()).contains("410");
            assertThat(delivery(webhook).at("/status").asText()).isEqualTo("failed");
        }
    }

    @Test
    void isDisabledWhenItHasFailedForFiveDays() throws Exception {
        try (Endpoint failing = new Endpoint(500);
                Endpoint other = new Endpoint(204)) {
            webhook(other, "webhook.disabled");
            String webhook = webhook(failing, "budget.exceeded");
            failingSince(webhook, "5 days 1 minute");

            test(webhook);

            assertThat(told(other).at("/data/reason").asText()).contains("failed since");
            assertThat(read(webhook).at("/enabled").asBoolean()).isFalse();
        }
    }

    @Test
    void staysEnabledWhileItHasFailedForLess() throws Exception {
        try (Endpoint failing = new Endpoint(500)) {
            String webhook = webhook(failing, "budget.exceeded");
            failingSince(webhook, "4 days 23 hours");

            test(webhook);

            assertThat(attempted(webhook).at("/status").asText()).isEqualTo("pending");
            assertThat(read(webhook).at("/enabled").asBoolean()).isTrue();
        }
    }

    @Test
    void countsItsFiveDaysAnewOnceItSucceeded() throws Exception {
        try (Endpoint well = new Endpoint(204)) {
            String webhook = webhook(well, "budget.exceeded");
            failingSince(webhook, "4 days");

            test(webhook);
            await().atMost(SOON)
                    .until(() -> delivery(webhook).at("/status").asText().equals("delivered"));
            well.status = 500;
            test(webhook);

            assertThat(attempted(webhook).at("/status").asText()).isEqualTo("pending");
            assertThat(failingSince(webhook)).isAfter(Instant.now().minusSeconds(60));
        }
    }

    @Test
    void isGivenTheTimeThatItAsksFor() throws Exception {
        try (Endpoint busy = new Endpoint(503)) {
            String seconds = webhook(busy, "budget.exceeded");
            busy.retryAfter.set("1000");
            test(seconds);
            assertThat(untilNext(seconds)).isBetween(Duration.ofSeconds(940), Duration.ofSeconds(1001));

            String date = webhook(busy, "budget.exceeded");
            busy.retryAfter.set(DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    Instant.now().plusSeconds(2000).atOffset(ZoneOffset.UTC)));
            test(date);
            assertThat(untilNext(date)).isBetween(Duration.ofSeconds(1900), Duration.ofSeconds(2001));
        }
    }

    @Test
    void isTriedAgainAfterFiveSecondsAtFirst() throws Exception {
        try (Endpoint failing = new Endpoint(500)) {
            String webhook = webhook(failing, "budget.exceeded");

            test(webhook);

            await().atMost(SOON).until(() -> failing.taken.size() >= 2);
            assertThat(failing.taken).containsOnly(failing.taken.getFirst());
        }
    }

    @Test
    void isGivenUpAfterTheLastAttemptOfTheSchedule() throws Exception {
        try (Endpoint failing = new Endpoint(500)) {
            String webhook = webhook(failing, "budget.exceeded");
            test(webhook);
            attempted(webhook);

            transactions.run(tenant, jdbc -> jdbc.sql(
                            "update webhook_deliveries set attempt_count = 7, due_at = now(), next_wake_at = now()")
                    .update());

            await().atMost(SOON)
                    .until(() -> delivery(webhook).at("/status").asText().equals("failed"));
            assertThat(delivery(webhook).has("nextAttemptAt")).isFalse();
        }
    }

    private String webhook(Endpoint endpoint, String event) throws Exception {
        Answer made = call(
                "POST",
                "/api/tenants/" + tenant + "/webhooks",
                Map.of("url", endpoint.uri().toString(), "events", List.of(event)));
        assertThat(made.status()).isEqualTo(201);
        return made.body().get("id").asText();
    }

    private void test(String webhook) throws Exception {
        assertThat(call("POST", path(webhook) + "/test", null).status()).isEqualTo(202);
    }

    private JsonNode read(String webhook) throws Exception {
        return call("GET", path(webhook), null).body();
    }

    /** The newest. */
    private JsonNode delivery(String webhook) throws Exception {
        return call("GET", path(webhook) + "/deliveries", null).body().at("/items/0");
    }

    private JsonNode attempted(String webhook) {
        return await().atMost(SOON)
                .until(() -> delivery(webhook), one -> !one.at("/attempts").isEmpty());
    }

    private Duration untilNext(String webhook) {
        String next = attempted(webhook).at("/nextAttemptAt").asText();
        return Duration.between(Instant.now(), Instant.parse(next));
    }

    private JsonNode told(Endpoint endpoint) throws IOException {
        await().atMost(SOON).until(() -> endpoint.taken.size() == 1);
        return json.readTree(endpoint.taken.getFirst());
    }

    private String path(String webhook) {
        return "/api/tenants/" + tenant + "/webhooks/" + webhook;
    }

    private void failingSince(String webhook, String ago) {
        transactions.run(
                tenant, jdbc -> jdbc.sql("update webhooks set failing_since = now() - ?::interval where id = ?::uuid")
                        .params(ago, webhook)
                        .update());
    }

    private Instant failingSince(String webhook) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select failing_since from webhooks where id = ?::uuid")
                .param(webhook)
                .query((row, n) -> row.getTimestamp(1).toInstant())
                .single());
    }
}
