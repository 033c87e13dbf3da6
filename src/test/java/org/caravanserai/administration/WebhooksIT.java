package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.caravanserai.security.Secrets;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class WebhooksIT extends OnApi {

    private static final LoopbackServer RECEIVER = new LoopbackServer(request -> new LoopbackServer.Reply(204, ""));

    @Autowired
    private Secrets secrets;

    private Reply create(NewTenant tenant) {
        return post(
                tenant.path("/webhooks"),
                tenant.key(),
                Map.of("url", RECEIVER.url() + "/hook", "events", List.of("message.sent", "message.sent")));
    }

    @Test
    void showsItsSecretOnce() {
        NewTenant tenant = tenantWithKey();

        Reply made = create(tenant);
        Reply read = get(tenant.path("/webhooks/" + made.id()), tenant.key());

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body().fieldNames())
                .toIterable()
                .containsExactly("id", "url", "events", "enabled", "ordered", "secret");
        assertThat(made.text("/secret")).startsWith("whsec_");
        assertThat(made.body().at("/events")).hasSize(1);
        assertThat(made.body().at("/ordered").asBoolean()).isFalse();
        assertThat(read.text("/secret")).isEqualTo("********");
    }

    @Test
    void replacesAllButTheSecret() {
        NewTenant tenant = tenantWithKey();
        Reply made = create(tenant);
        transactions.run(tenant.id(), jdbc -> jdbc.sql(
                        "update webhooks set enabled = false, disabled_reason = 'it failed', failing_since = now()")
                .update());
        assertThat(get(tenant.path("/webhooks/" + made.id()), tenant.key()).text("/disabledReason"))
                .isEqualTo("it failed");

        Reply put = put(
                tenant.path("/webhooks/" + made.id()),
                tenant.key(),
                Map.of("url", RECEIVER.url(), "events", List.of("*"), "ordered", true, "secret", "********"));
        Reply shown = get(tenant.path("/webhooks/" + made.id()), tenant.key());

        assertThat(put.status()).isEqualTo(200);
        assertThat(shown.body()).isEqualTo(put.body());
        assertThat(put.body().at("/enabled").asBoolean()).isTrue();
        assertThat(put.body().has("disabledReason")).isFalse();
        assertThat(put(tenant.path("/webhooks/" + made.id()), tenant.key(), shown.body())
                        .status())
                .isEqualTo(200);
        assertThat(put(
                                tenant.path("/webhooks/" + made.id()),
                                tenant.key(),
                                Map.of("url", RECEIVER.url(), "events", List.of("*"), "secret", "whsec_mine"))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void rotatesItsSecretWithAnOverlap() {
        NewTenant tenant = tenantWithKey();
        Reply made = create(tenant);

        Reply rotated = post(tenant.path("/webhooks/" + made.id() + "/rotate-secret"), tenant.key(), null);

        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.body().fieldNames()).toIterable().containsExactly("secret");
        assertThat(rotated.text("/secret")).isNotEqualTo(made.text("/secret"));
        transactions.run(tenant.id(), jdbc -> jdbc.sql(
                        "select secret, previous_secret, previous_secret_until from webhooks")
                .query((row, n) -> {
                    assertThat(secrets.decrypt(row.getBytes(1), made.id())).isEqualTo(rotated.text("/secret"));
                    assertThat(secrets.decrypt(row.getBytes(2), made.id())).isEqualTo(made.text("/secret"));
                    assertThat(row.getTimestamp(3).toInstant())
                            .isBetween(
                                    Instant.now().plusSeconds(86_000),
                                    Instant.now().plusSeconds(86_500));
                    return 1;
                })
                .single());
    }

    @Test
    void deliversATestEventAndReplaysIt() {
        NewTenant tenant = tenantWithKey();
        UUID id = create(tenant).id();
        UUID bystander = create(tenant).id();
        String deliveries = tenant.path("/webhooks/" + id + "/deliveries");

        Reply asked = post(tenant.path("/webhooks/" + id + "/test"), tenant.key(), null);
        awaitAttempts(deliveries, tenant, 1);
        Reply single = post(deliveries + "/" + asked.id() + "/replay", tenant.key(), null);
        awaitAttempts(deliveries, tenant, 2);
        Map<String, Object> range = Map.of(
                "from", Instant.now().minusSeconds(60).toString(),
                "to", Instant.now().plusSeconds(60).toString());
        Reply bulk = post(tenant.path("/webhooks/" + id + "/replay"), tenant.key(), range);
        awaitAttempts(deliveries, tenant, 3);

        assertThat(asked.status()).isEqualTo(202);
        assertThat(asked.text("/eventType")).isEqualTo("webhook.test");
        assertThat(asked.body().at("/attempts")).isEmpty();
        assertThat(single.status()).isEqualTo(202);
        assertThat(single.text("/id")).isEqualTo(asked.text("/id"));
        assertThat(bulk.status()).isEqualTo(202);
        assertThat(bulk.body().at("/count").asInt()).isEqualTo(1);
        Reply listed = get(deliveries, tenant.key());
        assertThat(listed.body().at("/items")).hasSize(1);
        assertThat(listed.text("/items/0/attempts/0/status")).isEqualTo("204");
        assertThat(listed.body().at("/items/0").has("nextAttemptAt")).isFalse();
        assertThat(get(tenant.path("/webhooks/" + bystander + "/deliveries"), tenant.key())
                        .body()
                        .at("/items"))
                .isEmpty();
    }

    private void awaitAttempts(String deliveries, NewTenant tenant, int count) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            Reply listed = get(deliveries, tenant.key());
            assertThat(listed.text("/items/0/status")).isEqualTo("delivered");
            assertThat(listed.body().at("/items/0/attempts")).hasSize(count);
        });
    }

    @Test
    void neitherTestsNorReplaysADisabledWebhook() {
        NewTenant tenant = tenantWithKey();
        Reply made = post(
                tenant.path("/webhooks"),
                tenant.key(),
                Map.of("url", RECEIVER.url(), "events", List.of("*"), "enabled", false));

        Reply asked = post(tenant.path("/webhooks/" + made.id() + "/test"), tenant.key(), null);

        assertThat(asked.status()).isEqualTo(409);
    }

    @Test
    void namesTheFieldsAtFault() {
        NewTenant tenant = tenantWithKey();

        Reply made = post(
                tenant.path("/webhooks"),
                tenant.key(),
                Map.of(
                        "url",
                        "http://user:secret@example.com",
                        "events",
                        List.of("message.lost"),
                        "secret",
                        "whsec_x"));
        Reply empty = post(tenant.path("/webhooks"), tenant.key(), Map.of("events", List.of()));
        UUID id = create(tenant).id();
        Reply replay = post(
                tenant.path("/webhooks/" + id + "/replay"),
                tenant.key(),
                Map.of("from", "2026-01-02T00:00:00Z", "to", "2026-01-01T00:00:00Z", "status", "pending"));

        assertThat(made.status()).isEqualTo(400);
        assertThat(made.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder("url", "events[0]", "secret");
        assertThat(empty.body().at("/errors").findValuesAsText("field")).containsExactlyInAnyOrder("url", "events");
        assertThat(replay.body().at("/errors").findValuesAsText("field")).containsExactlyInAnyOrder("to", "status");
    }

    @Test
    void knowsNoDeletedWebhook() {
        NewTenant tenant = tenantWithKey();
        String path = tenant.path("/webhooks/" + create(tenant).id());

        assertThat(delete(path, tenant.key()).status()).isEqualTo(204);

        assertThat(get(path, tenant.key()).status()).isEqualTo(404);
        assertThat(delete(path, tenant.key()).status()).isEqualTo(404);
        assertThat(post(path + "/test", tenant.key(), null).status()).isEqualTo(404);
        assertThat(post(path + "/rotate-secret", tenant.key(), null).status()).isEqualTo(404);
        assertThat(get(path + "/deliveries", tenant.key()).status()).isEqualTo(404);
        assertThat(post(path + "/deliveries/" + ids.next() + "/replay", tenant.key(), null)
                        .status())
                .isEqualTo(404);
    }
}
