package org.caravanserai.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.caravanserai.standin.SignedWhatsapp;
import org.junit.jupiter.api.Test;

/** What doors let through: all that is signed, and not all that is not. */
class DoorLimitsIT extends OnLimits {

    private static final String SECRET = "the-app-secret";

    private record Line(NewTenant tenant, UUID channel, String number, SignedWhatsapp signed) {}

    private Line line(Map<String, Object> settings) {
        Reply made = post("/api/tenants", ADMIN, Map.of("name", "Inn", "settings", settings));
        NewTenant tenant = new NewTenant(made.id(), made.text("/apiKey"));
        String number = "8" + System.nanoTime();
        Map<String, String> config = Map.of(
                "phoneNumberId", number, "accessToken", "token", "appSecret", SECRET, "verifyToken", "verify-me");
        UUID channel = post(
                        tenant.path("/channels"), ADMIN, Map.of("type", "whatsapp", "name", "Desk", "config", config))
                .id();
        return new Line(
                tenant, channel, number, new SignedWhatsapp(uri("/webhooks/whatsapp/" + channel), SECRET, number));
    }

    private Reply post(Line line, String address, byte[] body, String signature) {
        HttpRequest.Builder request =
                from(address, "/webhooks/whatsapp/" + line.channel, new String(body, StandardCharsets.UTF_8));
        if (signature != null) {
            request.header("X-Hub-Signature-256", signature);
        }
        return send(request.build());
    }

    @Test
    void takesAllThatIsSignedFromAnAddressThatForgesToo() {
        Line line = line(Map.of());
        String forged = "sha256=" + "0".repeat(64);

        List<Integer> refused = statuses(
                400,
                i -> post(line, "203.0.113.1", line.signed.text("wamid." + i, "49", "x"), i % 2 == 0 ? forged : null));
        List<Integer> signed = statuses(300, i -> {
            byte[] body = line.signed.status("wamid.s" + i, "delivered", null);
            return post(line, "203.0.113.1", body, line.signed.signature(body));
        });

        assertThat(refused).containsOnly(401, 429);
        assertThat(count(refused, 401)).isBetween(50L, 80L);
        assertThat(signed).containsOnly(200);
        // what came back meanwhile is spent first
        Reply last = Stream.generate(() -> post(line, "203.0.113.1", line.signed.text("wamid.x", "49", "x"), forged))
                .limit(60)
                .filter(reply -> reply.status() == 429)
                .findFirst()
                .orElseThrow();
        assertThat(Integer.parseInt(last.header("Retry-After"))).isBetween(1, 3);
        assertThat(last.header("RateLimit-Policy")).isEqualTo("\"refused\";q=50;w=60");
        assertThat(last.header("RateLimit")).startsWith("\"refused\";r=0;t=");
        assertThat(last.header("Content-Type")).startsWith("application/problem+json");
        assertThat(post(line, "203.0.113.2", line.signed.text("wamid.y", "49", "x"), forged)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void takesFifteenHundredSignedEventsOfAChannelAsFastAsTheyCome() {
        Line line = line(Map.of());

        List<Integer> signed = statuses(1500, i -> {
            byte[] body = line.signed.status("wamid.f" + i, "delivered", null);
            return post(line, "203.0.113.3", body, line.signed.signature(body));
        });

        assertThat(signed).containsOnly(200);
    }

    @Test
    void limitsWhoSeeksChannels() {
        List<Integer> statuses =
                statuses(150, i -> without("203.0.113.4", "/webhooks/whatsapp/" + UUID.randomUUID(), Map.of("a", i)));

        assertThat(count(statuses, 404)).isBetween(50L, 80L);
        assertThat(count(statuses, 429)).isEqualTo(150 - count(statuses, 404));
    }

    @Test
    void storesAllThatAContactWritesAndAnswersTheFloodTogetherLater() {
        Line line = line(Map.of("burstWindow", "PT1S", "rateLimits", Map.of("messagesPerContactPerMinute", 5)));

        List<Integer> flood = statuses(60, i -> {
            byte[] body = line.signed.text("wamid.c" + i, "4917", "Are you there? " + i);
            return post(line, "203.0.113.5", body, line.signed.signature(body));
        });
        byte[] other = line.signed.text("wamid.other", "4918", "Hello");
        post(line, "203.0.113.5", other, line.signed.signature(other));

        assertThat(flood).containsOnly(200);
        await().atMost(Duration.ofSeconds(20)).until(() -> stored(line, "4917").size() == 60);
        List<Map<String, Object>> stored = stored(line, "4917");
        JsonNode timeline = get(line.tenant.path("/messages/" + stored.getLast().get("id") + "/timeline"), ADMIN)
                .body();
        assertThat(timeline.toString()).contains("\"stage\":\"stored\",\"outcome\":\"held\"");
        Instant due = due(line, "4917");
        assertThat(due).isAfter(Instant.now().plusSeconds(30));
        await().atMost(Duration.ofSeconds(20)).until(() -> due(line, "4918") == null);
        assertThat(metric("hub_messages_held_total")).isNotEmpty();
    }

    private List<Map<String, Object>> stored(Line line, String contact) {
        return transactions.in(
                line.tenant.id(),
                jdbc -> jdbc.sql("""
                        select m.id from messages m join conversations c on c.id = m.conversation_id
                          join contacts k on k.id = c.contact_id
                          where c.channel_id = ? and k.address = ? and m.direction = 'inbound' order by m.position""").params(line.channel, contact).query().listOfRows());
    }

    private Instant due(Line line, String contact) {
        return transactions.in(
                line.tenant.id(),
                jdbc ->
                        jdbc
                                .sql("""
                        select c.due_at from conversations c join contacts k on k.id = c.contact_id
                          where c.channel_id = ? and k.address = ?""")
                                .params(line.channel, contact)
                                .query((row, n) -> row.getTimestamp(1))
                                .list()
                                .stream()
                                .filter(Objects::nonNull)
                                .findFirst()
                                .map(Timestamp::toInstant)
                                .orElse(null));
    }
}
