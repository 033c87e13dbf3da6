package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Every operation of the API's document is called for real, and answers in the shape that the document tells. */
class DocumentedAnswersIT extends OnApi {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final LoopbackServer RECEIVER = new LoopbackServer(request -> new LoopbackServer.Reply(204, ""));

    private final Set<String> called = new TreeSet<>();
    private ObjectNode document;

    @AfterAll
    static void stop() {
        RECEIVER.close();
    }

    @Test
    void everyOperationAnswersAsDocumented() throws Exception {
        document = (ObjectNode) get("/api/openapi.json", null).body();
        document.at("/components/schemas").forEach(DocumentedAnswersIT::closed);

        tenants();
        knowledge();
        conversations();
        webhooks();
        deadLetters();
        expect("GET", "/api/health", "/api/health", ADMIN, null, 200);
        expect("GET", "/api/health", "/api/health", null, null, 200);

        Set<String> documented = new TreeSet<>();
        document.get("paths").properties().forEach(path -> path.getValue()
                .fieldNames()
                .forEachRemaining(method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(called).isEqualTo(documented);
    }

    private void tenants() {
        String all = "/api/tenants";
        Map<String, Object> settings = Map.of(
                "instructions", "Be kind.",
                "language", "en",
                "model",
                        Map.of(
                                "provider",
                                "extractive",
                                "temperature",
                                0.5,
                                "timeout",
                                "PT10S",
                                "fallbacks",
                                List.of(Map.of("provider", "extractive"))),
                "retrieval", Map.of("topK", 7, "fusion", "rrf", "citations", "none"),
                "chunking", Map.of("strategy", "recursive", "size", 300),
                "handover", Map.of("keywords", List.of("person"), "timeout", "PT1H"),
                "burstWindow", "PT2S",
                "mcpServers", List.of(Map.of("url", "https://example.com", "name", "a")),
                "pii", Map.of("mask", List.of("email")),
                "hours", Map.of("monday", List.of("09:00-17:00")));
        Reply made = expect("POST", all, all, ADMIN, Map.of("name", "Inn", "settings", settings), 201);
        String one = all + "/" + made.id();
        expect("GET", all, all + "?limit=1", ADMIN, null, 200);
        Reply read = expect("GET", all + "/{t}", one, ADMIN, null, 200);
        expect("PUT", all + "/{t}", one, ADMIN, read.body(), 200);
        expect("GET", all + "/{t}/quotas", one + "/quotas", ADMIN, null, 200);
        Reply key = expect("POST", all + "/{t}/api-keys", one + "/api-keys", ADMIN, Map.of("name", "k"), 201);
        expect("GET", all + "/{t}/api-keys", one + "/api-keys", ADMIN, null, 200);
        expect("DELETE", all + "/{t}/api-keys/{id}", one + "/api-keys/" + key.id(), ADMIN, null, 204);

        String channels = all + "/{t}/channels";
        Map<String, Object> generic = Map.of("replyUrl", RECEIVER.url(), "mapping", Map.of("text", "$.message"));
        Reply channel = expect(
                "POST",
                channels,
                one + "/channels",
                ADMIN,
                Map.of("type", "generic", "name", "Site", "config", generic),
                201);
        String its = one + "/channels/" + channel.id();
        expect("GET", channels, one + "/channels", ADMIN, null, 200);
        expect(
                "PUT",
                channels + "/{c}",
                its,
                ADMIN,
                expect("GET", channels + "/{c}", its, ADMIN, null, 200).body(),
                200);
        expect("POST", channels + "/{c}/test", its + "/test", ADMIN, null, 200);
        Map<String, Object> whatsapp =
                Map.of("phoneNumberId", "104857600123456", "accessToken", "t", "appSecret", "s", "verifyToken", "v");
        Reply claimed = expect(
                "POST",
                channels,
                one + "/channels",
                ADMIN,
                Map.of("type", "whatsapp", "name", "Desk", "config", whatsapp),
                201);
        expect("POST", channels + "/{c}/confirm", one + "/channels/" + claimed.id() + "/confirm", ADMIN, null, 200);
        expect("DELETE", channels + "/{c}", its, ADMIN, null, 204);

        expect("POST", all, all, ADMIN, Map.of("colour", "red"), 400);
        expect("GET", all, all + "?limit=0", ADMIN, null, 400);
        expect("GET", all, all, null, null, 401);
        expect("GET", all, all, made.text("/apiKey"), null, 403);
        expect("GET", all + "/{t}", all + "/" + ids.next(), ADMIN, null, 404);
        expect("POST", all, all, ADMIN, "{\"name\":\"" + "x".repeat(1 << 20) + "\"}", 413);
        expect("DELETE", all + "/{t}", one, ADMIN, null, 204);
    }

    private void knowledge() {
        NewTenant tenant = tenantWithKey();
        String documents = "/api/tenants/{t}/documents";
        Reply stored = send(HttpRequest.newBuilder(uri(tenant.path("/documents")))
                .header("Authorization", "Bearer " + tenant.key())
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"sauna.txt\"\r\n\r\n"
                                + "The sauna opens at seven in the evening.\r\n--b--\r\n"))
                .build());
        conforms("POST", documents, stored, 202);
        String one = tenant.path("/documents/" + stored.text("/items/0/id"));
        Awaitility.await().atMost(SOON).until(() -> get(one, tenant.key()).text("/status"), "indexed"::equals);
        expect("GET", documents + "/{d}", one, tenant.key(), null, 200);
        expect("GET", documents, tenant.path("/documents"), tenant.key(), null, 200);

        Map<String, Object> question = Map.of("query", "When does the sauna open?");
        String search = "/api/tenants/{t}/search";
        Reply found = expect("POST", search, tenant.path("/search"), tenant.key(), question, 200);
        assertThat(found.body().at("/items")).isNotEmpty();
        String ask = "/api/tenants/{t}/ask";
        Reply known = expect(
                "POST", ask, tenant.path("/ask"), tenant.key(), Map.of("text", "When does the sauna open?"), 200);
        assertThat(known.body().at("/citations")).isNotEmpty();
        expect("POST", ask, tenant.path("/ask"), tenant.key(), Map.of("text", "Who was Julius Caesar?"), 200);
        expect("GET", "/api/tenants/{t}/usage", tenant.path("/usage?groupBy=model"), tenant.key(), null, 200);

        expect("POST", documents + "/{d}/reindex", one + "/reindex", tenant.key(), null, 202);
        expect("POST", documents + "/reindex", tenant.path("/documents/reindex"), tenant.key(), null, 202);
        expect("DELETE", documents + "/{d}", one, tenant.key(), null, 204);
        expect("POST", documents, tenant.path("/documents"), tenant.key(), Map.of(), 415);
    }

    private void conversations() throws Exception {
        Line line = newLine("{\"burstWindow\":\"PT0S\"}");
        write(line, "4915551234", "Ann", "Is there a pool?");
        String list = "/api/tenants/{t}/conversations";
        String all = line.path() + "/conversations";
        Awaitility.await().atMost(SOON).until(() -> get(all, ADMIN).body().at("/items"), items -> !items.isEmpty());
        Reply found = expect("GET", list, all + "?status=active", ADMIN, null, 200);
        String one = all + "/" + found.text("/items/0/id");
        Awaitility.await()
                .atMost(SOON)
                .until(() -> get(one + "/messages", ADMIN).text("/items/1/status"), "sent"::equals);
        expect("GET", list + "/{v}", one, ADMIN, null, 200);
        Reply messages = expect("GET", list + "/{v}/messages", one + "/messages?limit=1", ADMIN, null, 200);
        expect("GET", list + "/{v}/messages", one + "/messages", ADMIN, null, 200);
        expect("POST", list + "/{v}/messages", one + "/messages", ADMIN, Map.of("text", "Hello"), 201);
        expect("PUT", list + "/{v}", one, ADMIN, Map.of("status", "resolved"), 200);
        String timeline = "/api/tenants/{t}/messages/{m}/timeline";
        Reply told = expect(
                "GET",
                timeline,
                line.path() + "/messages/" + messages.text("/items/0/id") + "/timeline",
                ADMIN,
                null,
                200);
        assertThat(told.body().at("/items").findValuesAsText("stage")).contains("received", "asked", "sent");
        expect("GET", list, all + "?status=open", ADMIN, null, 400);
        toolCalls(line, one, UUID.fromString(messages.text("/items/0/id")));
    }

    private void toolCalls(Line line, String conversation, UUID message) throws Exception {
        String list = "/api/tenants/{t}/conversations/{v}/tool-calls";
        UUID conversationId = UUID.fromString(conversation.substring(conversation.lastIndexOf('/') + 1));
        UUID approved = ids.next();
        UUID refused = ids.next();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
            zip.write("{\"messages\":[],\"tools\":[]}".getBytes(StandardCharsets.UTF_8));
        }
        transactions.run(line.tenantId(), jdbc -> {
            for (UUID id : List.of(approved, refused)) {
                jdbc.sql("""
                        insert into tool_calls (id, tenant_id, conversation_id, message_id, tool, arguments, key)
                          values (?, ?, ?, ?, 'gone', '{}', ?)""")
                        .params(id, line.tenantId(), conversationId, message, id.toString())
                        .update();
            }
            jdbc.sql("insert into prompts (message_id, tenant_id, body) values (?, ?, ?)")
                    .params(message, line.tenantId(), packed.toByteArray())
                    .update();
        });
        String all = conversation + "/tool-calls";
        expect("GET", list, all, ADMIN, null, 200);
        expect("POST", list + "/{c}/refuse", all + "/" + refused + "/refuse", ADMIN, null, 200);
        expect("POST", list + "/{c}/approve", all + "/" + approved + "/approve", ADMIN, null, 200);
        expect("POST", list + "/{c}/approve", all + "/" + refused + "/approve", ADMIN, null, 409);
        expect(
                "GET",
                "/api/tenants/{t}/messages/{m}/prompt",
                line.path() + "/messages/" + message + "/prompt",
                ADMIN,
                null,
                200);
    }

    private void webhooks() {
        NewTenant tenant = tenantWithKey();
        String list = "/api/tenants/{t}/webhooks";
        Map<String, Object> hook = Map.of("url", RECEIVER.url(), "events", List.of("*"), "description", "Desk");
        Reply made = expect("POST", list, tenant.path("/webhooks"), tenant.key(), hook, 201);
        String one = tenant.path("/webhooks/" + made.id());
        expect("GET", list, tenant.path("/webhooks"), tenant.key(), null, 200);
        Reply read = expect("GET", list + "/{w}", one, tenant.key(), null, 200);
        expect("PUT", list + "/{w}", one, tenant.key(), read.body(), 200);
        expect("POST", list + "/{w}/rotate-secret", one + "/rotate-secret", tenant.key(), null, 200);
        Reply asked = expect("POST", list + "/{w}/test", one + "/test", tenant.key(), null, 202);
        Awaitility.await()
                .atMost(SOON)
                .until(() -> get(one + "/deliveries", tenant.key()).text("/items/0/status"), "delivered"::equals);
        expect("GET", list + "/{w}/deliveries", one + "/deliveries", tenant.key(), null, 200);
        expect(
                "POST",
                list + "/{w}/deliveries/{id}/replay",
                one + "/deliveries/" + asked.id() + "/replay",
                tenant.key(),
                null,
                202);
        Map<String, Object> range = Map.of(
                "from", Instant.now().minusSeconds(60).toString(),
                "to", Instant.now().toString());
        expect("POST", list + "/{w}/replay", one + "/replay", tenant.key(), range, 202);
        expect(
                "PUT",
                list + "/{w}",
                one,
                tenant.key(),
                Map.of("url", RECEIVER.url(), "events", List.of("*"), "enabled", false),
                200);
        expect("POST", list + "/{w}/test", one + "/test", tenant.key(), null, 409);
        expect("DELETE", list + "/{w}", one, tenant.key(), null, 204);
    }

    private void deadLetters() {
        NewTenant tenant = tenantWithKey();
        UUID letter = ids.next();
        transactions.run(
                tenant.id(), jdbc -> jdbc.sql("""
                        insert into dead_letters (id, tenant_id, route_id, subject_id, cause, attempts, payload)
                          values (?, ?, 'conversation-receive', 'inbox/0', 'It is no JSON.', 1, 'text')""").params(letter, tenant.id()).update());
        expect("POST", "/api/maintenance/{job}/run", "/api/maintenance/reindex/run", ADMIN, null, 202);
        String list = "/api/dead-letters";
        String one = list + "/" + letter;
        String route = "?routeId=conversation-receive&status=dead&tenantId=" + tenant.id();
        assertThat(expect("GET", list, list + route, ADMIN, null, 200).body().at("/items"))
                .hasSize(1);
        expect("GET", list + "/{id}", one, ADMIN, null, 200);
        expect("POST", list + "/{id}/replay", one + "/replay", ADMIN, null, 409);
        Map<String, Object> mine = Map.of("tenantId", tenant.id(), "from", "2026-01-01T00:00:00Z");
        expect("POST", list + "/replay", list + "/replay", ADMIN, mine, 202);
        transactions.run(tenant.id(), jdbc -> jdbc.sql("update dead_letters set status = 'resolved'")
                .update());
        expect("POST", list + "/{id}/replay", one + "/replay", ADMIN, null, 202);
        expect("DELETE", list + "/{id}", one, ADMIN, null, 204);
    }

    private Reply expect(String method, String template, String path, String key, Object body, int status) {
        return conforms(method, template, call(method, path, key, body), status);
    }

    private Reply conforms(String method, String template, Reply reply, int status) {
        String place = method + " " + template + " " + status;
        assertThat(reply.status()).as(place + " " + reply.body()).isEqualTo(status);
        JsonNode answer = document.path("paths")
                .path(template)
                .path(method.toLowerCase(Locale.ROOT))
                .path("responses")
                .path(Integer.toString(status));
        if (answer.has("$ref")) {
            answer = document.at(answer.get("$ref").asText().substring(1));
        }
        assertThat(answer.isObject()).as(place + " is documented").isTrue();
        if (answer.has("content")) {
            Map.Entry<String, JsonNode> content =
                    answer.get("content").properties().iterator().next();
            assertThat(reply.header("Content-Type")).as(place).startsWith(content.getKey());
            assertThat(schema(content.getValue().get("schema")).validate(reply.body()))
                    .as(place + " " + reply.body())
                    .isEmpty();
        } else {
            assertThat(reply.answer().body()).as(place).isEmpty();
        }
        called.add(method + " " + template);
        return reply;
    }

    private JsonSchema schema(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", document.get("components"));
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(
                        whole,
                        SchemaValidatorsConfig.builder()
                                .formatAssertionsEnabled(true)
                                .build());
    }

    /** What the document does not tell is not in an answer either. */
    private static void closed(JsonNode schema) {
        if (schema.has("properties")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
    }
}
