package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What becomes of work that was given up. Each test has a tenant of its own. */
class DeadLettersIT extends OnApi {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String ALL = "/api/dead-letters";
    private static final String ROUTE = "conversation-receive";
    private static final AtomicInteger STATUS = new AtomicInteger(204);
    private static final LoopbackServer SHOP =
            new LoopbackServer(request -> new LoopbackServer.Reply(STATUS.get(), ""));

    @Autowired
    private MeterRegistry meters;

    @AfterAll
    static void stop() {
        SHOP.close();
    }

    private record Shop(NewTenant tenant, String door, String secret) {}

    private Shop shop(String path) {
        NewTenant tenant = tenantWithKey();
        put(
                tenant.path(""),
                tenant.key(),
                Map.of("name", "Shop", "settings", Map.of("burstWindow", "PT0S", "greeting", "")));
        Reply channel = post(
                tenant.path("/channels"),
                tenant.key(),
                Map.of("type", "generic", "name", "Site", "config", Map.of("replyUrl", SHOP.url() + path)));
        return new Shop(
                tenant,
                "/webhooks/generic/" + channel.id(),
                channel.body().at("/config/secret").asText());
    }

    private void write(Shop shop, String id, String text) throws Exception {
        byte[] body = json.writeValueAsBytes(Map.of("id", id, "contact", Map.of("address", "ada"), "text", text));
        Instant now = Instant.now();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + shop.door))
                .header("webhook-id", id)
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header("webhook-signature", StandardWebhooks.sign(List.of(shop.secret), id, now, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }

    /** An event whose bytes no version of the hub can read. */
    private void poison(NewTenant tenant, byte[] bytes) {
        UUID channel = ids.next();
        transactions.run(tenant.id(), jdbc -> {
            jdbc.sql("insert into channels (id, tenant_id, type, name) values (?, ?, 'whatsapp', 'Line')")
                    .params(channel, tenant.id())
                    .update();
            jdbc.sql("""
                    insert into inbox (tenant_id, channel_id, event_key, body, next_wake_at) values (?, ?, 'k', ?, now())""").params(tenant.id(), channel, bytes).update();
        });
    }

    private List<JsonNode> letters(NewTenant tenant, String status) {
        return get(ALL + "?tenantId=" + tenant.id() + "&status=" + status, ADMIN)
                .body()
                .findPath("items")
                .findParents("id");
    }

    private JsonNode letter(NewTenant tenant) {
        return await().atMost(SOON)
                .until(() -> letters(tenant, "dead"), found -> found.size() == 1)
                .getFirst();
    }

    private long callsTo(String path) {
        return SHOP.requests().stream().filter(call -> call.path().equals(path)).count();
    }

    @Test
    void keepsAMessageThatWasRefusedAndSendsItOnceWhenReplayedTwice() throws Exception {
        Shop shop = shop("/refused");
        STATUS.set(400);
        write(shop, "m-1", "Is anybody there?");
        JsonNode letter = letter(shop.tenant);
        STATUS.set(204);
        long refused = callsTo("/refused");
        String one = ALL + "/" + letter.get("id").asText();

        Reply first = post(one + "/replay", ADMIN, null);
        Reply second = post(one + "/replay", ADMIN, null);

        assertThat(letter.fieldNames())
                .toIterable()
                .containsExactly("id", "tenantId", "routeId", "cause", "attempts", "status", "at", "payload");
        assertThat(letter.get("routeId").asText()).isEqualTo("outbound-dispatch");
        assertThat(letter.get("cause").asText()).isEqualTo("The reply URL answered 400.");
        assertThat(letter.get("payload").asText()).isNotBlank();
        assertThat(first.status()).isEqualTo(202);
        assertThat(second.status()).isEqualTo(202);
        await().atMost(SOON).until(() -> get(one, ADMIN).text("/status"), "resolved"::equals);
        assertThat(post(one + "/replay", ADMIN, null).text("/status")).isEqualTo("resolved");
        assertThat(callsTo("/refused") - refused).isEqualTo(1);
        LoopbackServer.Request sent = SHOP.requests().stream()
                .filter(call -> call.path().equals("/refused"))
                .reduce((earlier, later) -> later)
                .orElseThrow();
        assertThat(sent.text()).contains(letter.get("payload").asText());
    }

    @Test
    void isDeadAgainUnderTheSameIdWhenTheReplayFailsToo() {
        NewTenant tenant = tenantWithKey();
        poison(tenant, new byte[] {(byte) 0xff, 0, 1});
        JsonNode letter = letter(tenant);
        String one = ALL + "/" + letter.get("id").asText();

        post(one + "/replay", ADMIN, null);

        await().atMost(SOON).until(() -> get(one, ADMIN).body().path("attempts").asInt(), attempts -> attempts == 2);
        assertThat(get(one, ADMIN).text("/status")).isEqualTo("dead");
        assertThat(letters(tenant, "dead")).hasSize(1);
        assertThat(letter.get("routeId").asText()).isEqualTo(ROUTE);
        assertThat(letter.get("payload").asText()).isEqualTo("base64:/wAB");
    }

    @Test
    void replaysTheLettersOfOneTenantAndTime() {
        NewTenant mine = tenantWithKey();
        NewTenant other = tenantWithKey();
        poison(mine, "one".getBytes(StandardCharsets.UTF_8));
        poison(mine, "two".getBytes(StandardCharsets.UTF_8));
        poison(other, "three".getBytes(StandardCharsets.UTF_8));
        await().atMost(SOON)
                .until(() -> letters(mine, "dead").size() == 2
                        && letters(other, "dead").size() == 1);
        Instant now = Instant.now().plusSeconds(5);

        Reply tooEarly = post(ALL + "/replay", ADMIN, Map.of("tenantId", mine.id(), "to", "2020-01-01T00:00:00Z"));
        Reply elsewhere = post(ALL + "/replay", ADMIN, Map.of("tenantId", mine.id(), "routeId", "outbound-dispatch"));
        Reply replayed = post(
                ALL + "/replay",
                ADMIN,
                Map.of(
                        "tenantId", mine.id(),
                        "routeId", ROUTE,
                        "from", now.minusSeconds(600).toString(),
                        "to", now.toString()));

        assertThat(tooEarly.body().path("count").asInt()).isZero();
        assertThat(elsewhere.body().path("count").asInt()).isZero();
        assertThat(replayed.status()).isEqualTo(202);
        assertThat(replayed.body().path("count").asInt()).isEqualTo(2);
        await().atMost(SOON)
                .until(() -> letters(mine, "dead").stream()
                                .filter(letter -> letter.get("attempts").asInt() == 2)
                                .count()
                        == 2);
        assertThat(letters(other, "dead").getFirst().get("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void pagesNewestFirstThroughAllTenants() {
        NewTenant older = tenantWithKey();
        NewTenant newer = tenantWithKey();
        poison(older, "one".getBytes(StandardCharsets.UTF_8));
        String second = letter(older).get("id").asText();
        poison(newer, "two".getBytes(StandardCharsets.UTF_8));
        String first = letter(newer).get("id").asText();

        Reply page = get(ALL + "?limit=1", ADMIN);
        Reply next = get(ALL + "?limit=1&cursor=" + page.text("/nextCursor"), ADMIN);

        assertThat(page.text("/items/0/id")).isEqualTo(first);
        assertThat(next.text("/items/0/id")).isEqualTo(second);
    }

    @Test
    void refusesFiltersThatMeanNothing() {
        assertThat(get(ALL + "?status=lost", ADMIN).text("/errors/0/field")).isEqualTo("status");
        assertThat(get(ALL + "?tenantId=me", ADMIN).text("/errors/0/field")).isEqualTo("tenantId");
        assertThat(post(ALL + "/replay", ADMIN, Map.of("tenantId", "me", "from", "now"))
                        .body()
                        .findValuesAsText("field"))
                .containsExactlyInAnyOrder("tenantId", "from");
    }

    @Test
    void deletesALetterButNotWhatItIsAbout() {
        NewTenant tenant = tenantWithKey();
        poison(tenant, "no JSON".getBytes(StandardCharsets.UTF_8));
        String one = ALL + "/" + letter(tenant).get("id").asText();

        Reply deleted = delete(one, ADMIN);

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(get(one, ADMIN).status()).isEqualTo(404);
        assertThat(post(one + "/replay", ADMIN, null).status()).isEqualTo(404);
        assertThat(transactions.<String>in(tenant.id(), jdbc -> jdbc.sql("select state from inbox")
                        .query(String.class)
                        .single()))
                .isEqualTo("dead");
    }

    @Test
    void refusesToReplayWhatIsGone() {
        NewTenant tenant = tenantWithKey();
        poison(tenant, "no JSON".getBytes(StandardCharsets.UTF_8));
        String one = ALL + "/" + letter(tenant).get("id").asText();
        transactions.run(tenant.id(), jdbc -> jdbc.sql("delete from channels").update());

        Reply replayed = post(one + "/replay", ADMIN, null);

        assertThat(replayed.status()).isEqualTo(409);
        assertThat(replayed.text("/detail")).contains("deleted");
        assertThat(get(one, ADMIN).text("/status")).isEqualTo("dead");
    }

    @Test
    void isToldByMetricsAndHealth() {
        NewTenant tenant = tenantWithKey();
        poison(tenant, "no JSON".getBytes(StandardCharsets.UTF_8));
        letter(tenant);

        await().atMost(SOON)
                .until(
                        () -> get("/api/health", ADMIN).text("/components/deadLetters"),
                        text -> text.matches("\\d+ open"));
        Reply health = get("/api/health", ADMIN);

        assertThat(health.status()).isEqualTo(200);
        assertThat(health.text("/status")).isEqualTo("up");
        assertThat(meters.get("hub.dead.letters").tag("route", ROUTE).counter().count())
                .isPositive();
        assertThat(meters.get("hub.dead.letters.open")
                        .tag("route", ROUTE)
                        .gauge()
                        .value())
                .isPositive();
    }
}
