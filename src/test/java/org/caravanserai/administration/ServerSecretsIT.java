package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.caravanserai.security.Secrets;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The secrets among a tenant's settings. */
class ServerSecretsIT extends OnApi {

    private static final String MASK = "********";

    @Autowired
    private Secrets secrets;

    private static Map<String, Object> server(String name, String token) {
        return Map.of(
                "name",
                name,
                "url",
                "https://example.com/" + name,
                "headers",
                Map.of("X-Tenant", token),
                "apiKey",
                token,
                "options",
                Map.of("timeout", 5, "clientSecret", token, "list", List.of(Map.of("password", token))));
    }

    private static Map<String, Object> tenant(List<Map<String, Object>> servers) {
        return Map.of("name", "Inn", "settings", Map.of("mcpServers", servers));
    }

    private Reply create(String token) {
        return post("/api/tenants", ADMIN, tenant(List.of(server("a", token))));
    }

    private JsonNode stored(UUID id) {
        return transactions.in(id, jdbc -> jdbc.sql("select settings -> 'mcpServers' from tenants")
                .query((row, n) -> {
                    try {
                        return json.readTree(row.getString(1));
                    } catch (com.fasterxml.jackson.core.JsonProcessingException broken) {
                        throw new AssertionError(broken);
                    }
                })
                .single());
    }

    private String token(UUID id, int place) {
        String sealed = stored(id).at("/" + place + "/apiKey").asText().substring("sealed:".length());
        return secrets.decrypt(java.util.Base64.getDecoder().decode(sealed), id);
    }

    @Test
    void areNeverShownAndStoredEncrypted() {
        Reply made = create("very-secret");
        Reply read = get("/api/tenants/" + made.id(), made.text("/apiKey"));
        Reply listed = get("/api/tenants?limit=200", ADMIN);

        assertThat(made.status()).isEqualTo(201);
        for (Reply reply : List.of(made, read, listed)) {
            assertThat(reply.answer().body()).doesNotContain("very-secret").doesNotContain("sealed:");
        }
        JsonNode server = read.body().at("/settings/mcpServers/0");
        assertThat(server.at("/name").asText()).isEqualTo("a");
        assertThat(server.at("/url").asText()).isEqualTo("https://example.com/a");
        assertThat(server.at("/options/timeout").asInt()).isEqualTo(5);
        assertThat(List.of("/headers/X-Tenant", "/apiKey", "/options/clientSecret", "/options/list/0/password"))
                .allSatisfy(place -> assertThat(server.at(place).asText()).isEqualTo(MASK));
        assertThat(stored(made.id()).toString()).doesNotContain("very-secret");
        assertThat(token(made.id(), 0)).isEqualTo("very-secret");
    }

    @Test
    void areKeptWhereTheMaskComesBack() {
        Reply made = create("first");
        String path = "/api/tenants/" + made.id();
        ObjectNode shown = (ObjectNode) get(path, ADMIN).body();

        Reply same = put(path, ADMIN, shown);
        Map<String, Object> masked = new HashMap<>(server("a", MASK));
        Reply moved = put(path, ADMIN, tenant(List.of(server("b", "second"), masked)));

        assertThat(same.status()).isEqualTo(200);
        assertThat(same.body()).isEqualTo(shown);
        assertThat(moved.status()).isEqualTo(200);
        assertThat(token(made.id(), 0)).isEqualTo("second");
        assertThat(token(made.id(), 1)).isEqualTo("first");
    }

    @Test
    void areNotMadeOfAMask() {
        Reply made = create("first");

        Reply renamed = put("/api/tenants/" + made.id(), ADMIN, tenant(List.of(server("b", MASK))));
        Reply created = create(MASK);

        assertThat(renamed.status()).isEqualTo(400);
        assertThat(renamed.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "settings.mcpServers[0].headers.X-Tenant",
                        "settings.mcpServers[0].apiKey",
                        "settings.mcpServers[0].options.clientSecret",
                        "settings.mcpServers[0].options.list[0].password");
        assertThat(created.status()).isEqualTo(400);
        assertThat(token(made.id(), 0)).isEqualTo("first");
    }

    @Test
    void areNotLostWhenTwoPutAtOnce() throws Exception {
        Reply made = create("first");
        String path = "/api/tenants/" + made.id();
        Callable<Reply> keeps = () -> put(path, ADMIN, tenant(List.of(server("a", MASK))));

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (int i = 0; i < 10; i++) {
                String token = "token-" + i;
                Callable<Reply> sets = () -> put(path, ADMIN, tenant(List.of(server("a", token))));
                for (var done : threads.invokeAll(List.of(keeps, sets, keeps))) {
                    assertThat(done.get().status()).isEqualTo(200);
                }
                assertThat(token(made.id(), 0)).isEqualTo(token);
            }
        }
    }
}
