package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What a tenant may have at most. */
class QuotasIT extends OnApi {

    private static final Map<String, Object> WEBHOOK = Map.of("url", "https://example.com/in", "events", List.of("*"));

    private NewTenant limited(Map<String, Object> limits) {
        Reply made = post("/api/tenants", ADMIN, Map.of("name", "Inn", "limits", limits));
        return new NewTenant(made.id(), made.text("/apiKey"));
    }

    private JsonNode quota(NewTenant tenant, String name) {
        for (JsonNode item : get(tenant.path("/quotas"), tenant.key()).body().get("items")) {
            if (item.get("name").asText().equals(name)) {
                return item;
            }
        }
        throw new AssertionError("no quota " + name);
    }

    private static void isFull(Reply reply, String name, int limit) {
        assertThat(reply.status()).as(reply.body().toString()).isEqualTo(409);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(reply.text("/errors/0/field")).isEqualTo(name);
        assertThat(reply.text("/detail")).contains(name, Integer.toString(limit), "operator");
    }

    @Test
    void holdsBackWebhooksKeysAndChannels() {
        NewTenant tenant = limited(Map.of("webhooks", 2, "apiKeys", 2, "channels", 1));
        Map<String, Object> channel =
                Map.of("type", "generic", "name", "Site", "config", Map.of("replyUrl", "https://example.com/"));
        for (int i = 0; i < 2; i++) {
            assertThat(post(tenant.path("/webhooks"), tenant.key(), WEBHOOK).status())
                    .isEqualTo(201);
        }
        post(tenant.path("/api-keys"), tenant.key(), Map.of("name", "second"));
        assertThat(post(tenant.path("/channels"), tenant.key(), channel).status())
                .isEqualTo(201);

        isFull(post(tenant.path("/webhooks"), tenant.key(), WEBHOOK), "webhooks", 2);
        isFull(post(tenant.path("/api-keys"), tenant.key(), Map.of("name", "third")), "apiKeys", 2);
        isFull(post(tenant.path("/channels"), tenant.key(), channel), "channels", 1);
        assertThat(quota(tenant, "webhooks").get("used").asInt()).isEqualTo(2);
        assertThat(quota(tenant, "webhooks").get("limit").asInt()).isEqualTo(2);
        assertThat(quota(tenant, "documents").get("limit").asInt()).isEqualTo(100_000);
    }

    @Test
    void cannotBePassedByManyAtOnce() throws Exception {
        NewTenant tenant = limited(Map.of("webhooks", 3));
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            Callable<Integer> adds =
                    () -> post(tenant.path("/webhooks"), tenant.key(), WEBHOOK).status();
            for (Future<Integer> done : threads.invokeAll(Collections.nCopies(16, adds))) {
                statuses.add(done.get());
            }
        }

        assertThat(Collections.frequency(statuses, 201)).isEqualTo(3);
        assertThat(Collections.frequency(statuses, 409)).isEqualTo(13);
    }

    @Test
    void holdsBackToolsAndServersButNotTheTakingBackOfSome() {
        NewTenant tenant = limited(Map.of("tools", 1, "mcpServers", 0));
        Map<String, Object> one = Map.of("name", "a", "description", "A.", "url", "https://example.com/a");
        Map<String, Object> two = Map.of("name", "b", "description", "B.", "url", "https://example.com/b");

        isFull(tools(tenant, List.of(one, two)), "tools", 1);
        assertThat(tools(tenant, List.of(one)).status()).isEqualTo(200);
        isFull(
                put(
                        tenant.path(""),
                        tenant.key(),
                        Map.of("name", "Inn", "settings", Map.of("mcpServers", List.of(Map.of("name", "m"))))),
                "mcpServers",
                0);
        assertThat(tools(tenant, List.of()).status()).isEqualTo(200);
    }

    private Reply tools(NewTenant tenant, List<Object> endpoints) {
        return put(
                tenant.path(""),
                tenant.key(),
                Map.of("name", "Inn", "settings", Map.of("tools", Map.of("http", endpoints))));
    }

    @Test
    void holdsBackDocumentsByNumberAndBytes() {
        NewTenant tenant = limited(Map.of("documents", 2, "documentBytes", 1_000));

        assertThat(upload(tenant, "a.txt", "Hello.", "").status()).isEqualTo(202);
        isFull(upload(tenant, "b.txt", "x".repeat(1_000), ""), "documentBytes", 1_000);
        assertThat(upload(tenant, "b.txt", "Hello.", "").status()).isEqualTo(202);
        isFull(upload(tenant, "c.txt", "Hello.", ""), "documents", 2);
        assertThat(upload(tenant, "b.txt", "Hello again.", "?replace=true").status())
                .isEqualTo(202);
        assertThat(quota(tenant, "documentBytes").get("limit").asInt()).isEqualTo(1_000);
    }

    private Reply upload(NewTenant tenant, String name, String text, String query) {
        String body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                + "\"\r\nContent-Type: text/plain\r\n\r\n" + text + "\r\n--x--\r\n";
        return send(HttpRequest.newBuilder(uri(tenant.path("/documents" + query)))
                .header("Authorization", "Bearer " + tenant.key())
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }
}
