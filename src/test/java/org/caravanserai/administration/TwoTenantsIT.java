package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One tenant attacks another through the API, with its own key on the other's paths and the other's ids on its own. */
class TwoTenantsIT extends OnApi {

    private static final String SOME_ID = "0192f5a0-0000-7000-8000-00000000ffff";

    private record Attempt(String method, String below, Object body) {}

    private static final List<Attempt> ALL = List.of(
            new Attempt("GET", "", null),
            new Attempt("PUT", "", Map.of("name", "Taken")),
            new Attempt("DELETE", "", null),
            new Attempt("GET", "/api-keys", null),
            new Attempt("POST", "/api-keys", Map.of("name", "mine")),
            new Attempt("DELETE", "/api-keys/" + SOME_ID, null),
            new Attempt("GET", "/channels", null),
            new Attempt("POST", "/channels", Map.of("type", "generic", "name", "x")),
            new Attempt("POST", "/channels/" + SOME_ID + "/test", null),
            new Attempt("GET", "/documents", null),
            new Attempt("POST", "/documents", Map.of()),
            new Attempt("POST", "/search", Map.of("query", "x")),
            new Attempt("POST", "/ask", Map.of("text", "x")),
            new Attempt("GET", "/conversations", null),
            new Attempt("GET", "/conversations/" + SOME_ID + "/messages", null),
            new Attempt("POST", "/conversations/" + SOME_ID + "/messages", Map.of("text", "x")),
            new Attempt("GET", "/messages/" + SOME_ID + "/timeline", null),
            new Attempt("GET", "/webhooks", null),
            new Attempt("POST", "/webhooks", Map.of("url", "https://example.com", "events", List.of("*"))),
            new Attempt("POST", "/webhooks/" + SOME_ID + "/rotate-secret", null),
            new Attempt("GET", "/nothing", null));

    @Test
    void findsNothingUnderAnothersPath() {
        NewTenant mine = tenantWithKey();
        NewTenant other = tenantWithKey();

        for (Attempt attempt : ALL) {
            Reply reply = call(attempt.method, other.path(attempt.below), mine.key(), attempt.body);

            assertThat(reply.status()).as(attempt.toString()).isEqualTo(404);
            assertThat(reply.answer().body()).as(attempt.toString()).doesNotContain("A tenant");
        }
        assertThat(get(other.path(""), other.key()).text("/name")).isEqualTo("A tenant");
    }

    @Test
    void findsNothingOfAnothersUnderItsOwnPath() {
        NewTenant mine = tenantWithKey();
        NewTenant other = tenantWithKey();
        Map<String, Object> generic =
                Map.of("type", "generic", "name", "Site", "config", Map.of("replyUrl", "https://example.com/r"));
        Map<String, Object> hook = Map.of("url", "https://example.com/h", "events", List.of("*"));
        String channel = "/channels/"
                + post(other.path("/channels"), other.key(), generic).id();
        String webhook =
                "/webhooks/" + post(other.path("/webhooks"), other.key(), hook).id();
        String key = "/api-keys/"
                + post(other.path("/api-keys"), other.key(), Map.of("name", "k"))
                        .id();

        assertThat(get(mine.path(channel), mine.key()).status()).isEqualTo(404);
        assertThat(put(mine.path(channel), mine.key(), Map.of("name", "x")).status())
                .isEqualTo(404);
        assertThat(delete(mine.path(channel), mine.key()).status()).isEqualTo(404);
        assertThat(post(mine.path(channel + "/test"), mine.key(), null).status())
                .isEqualTo(404);
        assertThat(get(mine.path(webhook), mine.key()).status()).isEqualTo(404);
        assertThat(put(mine.path(webhook), mine.key(), hook).status()).isEqualTo(404);
        assertThat(post(mine.path(webhook + "/rotate-secret"), mine.key(), null).status())
                .isEqualTo(404);
        assertThat(post(mine.path(webhook + "/test"), mine.key(), null).status())
                .isEqualTo(404);
        assertThat(delete(mine.path(webhook), mine.key()).status()).isEqualTo(404);
        assertThat(delete(mine.path(key), mine.key()).status()).isEqualTo(404);
        // even the operator's key does not mix them up
        assertThat(get(mine.path(channel), ADMIN).status()).isEqualTo(404);

        assertThat(get(other.path(channel), other.key()).status()).isEqualTo(200);
        assertThat(get(other.path(webhook), other.key()).status()).isEqualTo(200);
        assertThat(get(mine.path("/channels"), mine.key()).body().at("/items")).isEmpty();
        assertThat(get(mine.path("/webhooks"), mine.key()).body().at("/items")).isEmpty();
    }
}
