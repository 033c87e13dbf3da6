package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.caravanserai.tenant.Tenants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

class TenantsIT extends OnApi {

    @Autowired
    private Tenants tenants;

    @Test
    void makesATenantWhoseKeyIsShownOnce() {
        Reply made = post("/api/tenants", ADMIN, Map.of("name", "Inn", "settings", Map.of("burstWindow", "PT2S")));
        Reply read = get("/api/tenants/" + made.id(), made.text("/apiKey"));

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body().fieldNames())
                .toIterable()
                .containsExactly("id", "name", "enabled", "settings", "apiKey");
        assertThat(made.id().version()).isEqualTo(7);
        assertThat(read.status()).isEqualTo(200);
        assertThat(read.body().fieldNames()).toIterable().containsExactly("id", "name", "enabled", "settings");
        assertThat(read.text("/settings/burstWindow")).isEqualTo("PT2S");
        assertThat(read.body().at("/enabled").asBoolean()).isTrue();
    }

    @Test
    void replacesSettingsWholeAndAtOnce() {
        Reply made = post(
                "/api/tenants", ADMIN, Map.of("name", "Inn", "settings", Map.of("language", "en", "retentionDays", 9)));
        assertThat(tenants.settings(made.id()).language()).isEqualTo("en");

        Reply put = put(
                "/api/tenants/" + made.id(),
                ADMIN,
                Map.of("name", "Hotel", "enabled", false, "settings", Map.of("retrieval", Map.of("topK", 7))));

        assertThat(put.status()).isEqualTo(200);
        assertThat(put.body().at("/settings")).hasSize(1);
        assertThat(tenants.settings(made.id()).language()).isNull();
        assertThat(tenants.settings(made.id()).retrievalOrDefault().topK()).isEqualTo(7);
        assertThat(tenants.isEnabled(made.id())).isFalse();
    }

    @Test
    void takesBackWhatItShowed() {
        NewTenant tenant = tenantWithKey();

        Reply put = put(tenant.path(""), ADMIN, get(tenant.path(""), ADMIN).body());

        assertThat(put.status()).isEqualTo(200);
    }

    @Test
    void namesEveryFieldAtFault() {
        Map<String, Object> settings = Map.of(
                "retrieval", Map.of("topK", 0, "fusion", "sum", "unknown", 1),
                "burstWindow", "5 seconds",
                "model", Map.of("temperature", "warm", "fallbacks", List.of(Map.of("name", "x"))),
                "instructions", "x".repeat(20_001),
                "language", "a\u0000b");

        Reply reply = post("/api/tenants", ADMIN, Map.of("settings", settings, "colour", "red"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(reply.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "name",
                        "colour",
                        "settings.retrieval.topK",
                        "settings.retrieval.fusion",
                        "settings.retrieval.unknown",
                        "settings.burstWindow",
                        "settings.model.temperature",
                        "settings.model.fallbacks[0].provider",
                        "settings.instructions",
                        "settings.language");
        assertThat(reply.body().at("/errors").findValuesAsText("message")).allMatch(text -> !text.isBlank());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|400",
                "{|400",
                "[]|400",
                "null|400",
                "{\"name\":\"a\"} x|400",
                "{\"name\":5}|400",
                "{\"name\":\"\"}|400",
                "{\"name\":\"a\\u0000b\"}|400",
                "{\"name\":\"a\\ud800b\"}|400",
                "{\"name\":\"a\",\"settings\":[]}|400",
                "{\"name\":\"a\",\"settings\":{\"hours\":{\"a\":\"\\u0000\"}}}|400"
            })
    void refusesABadBody(String body, int status) {
        Reply reply = post("/api/tenants", ADMIN, body);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(reply.text("/detail")).isNotBlank();
    }

    @Test
    void keepsEmojiAndTextsThatRunRightToLeft() {
        String name = "\u05d0\u05db\u05e1\u05e0\u05d9\u05d4 \ud83d\udc2b";

        Reply made = post("/api/tenants", ADMIN, Map.of("name", name));

        assertThat(get("/api/tenants/" + made.id(), ADMIN).text("/name")).isEqualTo(name);
    }

    @Test
    void refusesJsonThatIsTooDeepOrTooLarge() {
        Reply deep = post("/api/tenants", ADMIN, "{\"name\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}");
        Reply deepSettings = post(
                "/api/tenants",
                ADMIN,
                "{\"name\":\"a\",\"settings\":{\"hours\":" + "{\"a\":".repeat(500) + "1" + "}".repeat(500) + "}}");
        String large = "{\"name\":\"" + "x".repeat(1024 * 1024) + "\"}";
        Reply announced = post("/api/tenants", ADMIN, large);
        Reply chunked = send(HttpRequest.newBuilder(uri("/api/tenants"))
                .header("Authorization", "Bearer " + ADMIN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))
                .build());

        assertThat(deep.status()).isEqualTo(400);
        assertThat(deepSettings.status()).isEqualTo(400);
        assertThat(announced.status()).isEqualTo(413);
        assertThat(chunked.status()).isEqualTo(413);
        assertThat(chunked.header("Content-Type")).startsWith("application/problem+json");
    }

    @Test
    void refusesAnotherContentTypeAndMethod() {
        Reply form = send(HttpRequest.newBuilder(uri("/api/tenants"))
                .header("Authorization", "Bearer " + ADMIN)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("name=a"))
                .build());

        assertThat(form.status()).isEqualTo(415);
        assertThat(call("PATCH", "/api/tenants", ADMIN, "{}").status()).isEqualTo(405);
    }

    @Test
    void pagesNewestFirst() {
        UUID first = tenantWithKey().id();
        UUID second = tenantWithKey().id();

        Reply page = get("/api/tenants?limit=1", ADMIN);
        Reply next = get("/api/tenants?limit=200&cursor=" + page.text("/nextCursor"), ADMIN);

        assertThat(page.body().at("/items")).hasSize(1);
        List<String> ids = StreamSupport.stream(next.body().at("/items").spliterator(), false)
                .map(item -> item.get("id").asText())
                .toList();
        assertThat(page.text("/items/0/id")).isGreaterThanOrEqualTo(second.toString());
        assertThat(ids).contains(first.toString()).doesNotContain(page.text("/items/0/id"));
        assertThat(ids).isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "limit=",
        "cursor=x",
        "cursor=",
        "cursor=%00",
        "cursor=AAAAAAAAAAAAAAAAAAAA"
    })
    void refusesABadPage(String query) {
        Reply reply = get("/api/tenants?" + query, ADMIN);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("/errors/0/field")).isEqualTo(query.split("=")[0]);
    }

    @Test
    void refusesACursorOfAnotherTenantOrList() {
        NewTenant tenant = tenantWithKey();
        NewTenant other = tenantWithKey();
        post(tenant.path("/api-keys"), tenant.key(), Map.of("name", "second"));
        String cursor = get(tenant.path("/api-keys?limit=1"), tenant.key()).text("/nextCursor");

        assertThat(cursor).isNotNull();
        assertThat(get(tenant.path("/api-keys?cursor=" + cursor), tenant.key()).status())
                .isEqualTo(200);
        assertThat(get(other.path("/api-keys?cursor=" + cursor), other.key()).status())
                .isEqualTo(400);
        assertThat(get(tenant.path("/channels?cursor=" + cursor), tenant.key()).status())
                .isEqualTo(400);
    }

    @Test
    void deletesATenantWithItsKeysAtOnce() {
        NewTenant tenant = tenantWithKey();
        assertThat(get(tenant.path(""), tenant.key()).status()).isEqualTo(200);

        Reply deleted = delete(tenant.path(""), ADMIN);

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(get(tenant.path(""), ADMIN).status()).isEqualTo(404);
        assertThat(get(tenant.path("/channels"), ADMIN).status()).isEqualTo(404);
        assertThat(get(tenant.path(""), tenant.key()).status()).isEqualTo(401);
        assertThat(delete(tenant.path(""), ADMIN).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/tenants/x",
        "/api/tenants/1-1-1-1-1",
        "/api/tenants/0192f5a0-0000-7000-8000-0000000fffff/channels",
        "/api/nothing"
    })
    void answersNotFound(String path) {
        Reply reply = get(path, ADMIN);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
    }
}
