package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.standin.ScriptedModel;
import org.caravanserai.standin.ScriptedModel.Call;
import org.caravanserai.standin.StandInMcpServer;
import org.caravanserai.tenant.Tenants;
import org.caravanserai.tool.Tool;
import org.caravanserai.tool.Toolbox;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Tools that a tenant brings along: HTTP endpoints and an MCP server; and what is hidden from the model. */
@DirtiesContext
@TestPropertySource(
        properties = "hub.home=target/it-home/${fork:1}/tenant-tools") // here, since its parts are chosen by it early
class TenantToolsIT extends OnApi {

    private static final ScriptedModel MODEL = new ScriptedModel((round, request) -> "Hello.");
    private static final StandInMcpServer MCP = new StandInMcpServer();
    private static final Map<String, Object> SCHEMA = Map.of(
            "type",
            "object",
            "properties",
            Map.of("number", Map.of("type", "string"), "note", Map.of("type", "string")),
            "required",
            List.of("number"));

    @Autowired
    Toolbox toolbox;

    @Autowired
    Tenants tenants;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("hub.model.openai.url", () -> MODEL.uri() + "/v1");
    }

    @AfterAll
    static void stops() {
        MODEL.close();
        MCP.close();
    }

    @Test
    void callsAnEndpointWithEscapedArgumentsAndTheTenantsSecret() throws Exception {
        try (LoopbackServer shop =
                new LoopbackServer(request -> new LoopbackServer.Reply(200, "{\"status\":\"sent\"}"))) {
            NewTenant tenant = tenant(
                    endpoint("POST", shop.url() + "/orders/{number}/status", Map.of("X-Api-Key", "s3cr3t-of-shop")));
            MODEL.follow((round, request) -> round == 0
                    ? List.of(new Call("order_status", "{\"number\":\"../12?a=b\",\"note\":\"hi\"}"))
                    : ScriptedModel.last(request));

            Reply reply = ask(tenant, "Where is my order?");

            assertThat(reply.text("/text")).isEqualTo("{\"status\":\"sent\"}");
            LoopbackServer.Request sent = shop.requests().getFirst();
            assertThat(sent.headers().getFirst("X-Api-Key")).isEqualTo("s3cr3t-of-shop");
            assertThat(sent.headers().getFirst("Idempotency-Key")).isNotBlank();
            assertThat(sent.path()).isEqualTo("/orders/../12?a=b/status");
            assertThat(new String(sent.body(), StandardCharsets.UTF_8)).isEqualTo("{\"note\":\"hi\"}");
            JsonNode shown = get(tenant.path(""), ADMIN).body();
            assertThat(shown.at("/settings/tools/http/0/headers/X-Api-Key").asText())
                    .isEqualTo("********");
            assertThat(stored(tenant)).doesNotContain("s3cr3t-of-shop");
        }
    }

    @Test
    void tellsTheModelOfAnEndpointThatFails() throws Exception {
        try (LoopbackServer shop = new LoopbackServer(request -> new LoopbackServer.Reply(404, "no such order"))) {
            NewTenant tenant = tenant(endpoint("GET", shop.url() + "/orders/{number}", Map.of()));
            MODEL.follow((round, request) ->
                    round == 0 ? List.of(new Call("order_status", "{\"number\":\"1\"}")) : ScriptedModel.last(request));

            assertThat(ask(tenant, "Where is it?").text("/text")).contains("404", "no such order");
        }
    }

    @Test
    void refusesAnEndpointThatCannotBeUsed() {
        Map<String, Object> host = endpoint("GET", "https://{host}/a", Map.of());
        Map<String, Object> name = endpoint("GET", "https://example.com/", Map.of());
        name.put("name", "Order Status");
        Map<String, Object> schema = endpoint("GET", "https://example.com/", Map.of());
        schema.put("parameters", Map.of("type", "array"));

        Reply refused = post(
                "/api/tenants",
                ADMIN,
                Map.of("name", "A", "settings", Map.of("tools", Map.of("http", List.of(host, name, schema)))));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "settings.tools.http[0].url",
                        "settings.tools.http[1].name",
                        "settings.tools.http[2].parameters");
        assertThat(post(
                                "/api/tenants",
                                ADMIN,
                                Map.of("name", "A", "settings", Map.of("pii", Map.of("mask", List.of("names")))))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void callsAToolOfAnMcpServerThatTheAllowListNames() {
        NewTenant tenant = tenantOf(Map.of(
                "model", Map.of("provider", "openai"),
                "tools", Map.of("enabled", List.of("shop_stock")),
                "mcpServers",
                        List.of(Map.of(
                                "name",
                                "shop",
                                "url",
                                MCP.uri() + "/mcp",
                                "headers",
                                Map.of("Authorization", "Bearer mcp-token-of-the-tests")))));
        MODEL.follow((round, request) -> round == 0
                ? List.of(new Call("shop_stock", "{\"article\":\"lamp\"}"), new Call("shop_stock", "{}"))
                : ScriptedModel.last(request));

        assertThat(ask(tenant, "How many lamps are there?").status()).isEqualTo(200);

        assertThat(MODEL.requests().getFirst().path("tools")).hasSize(1);
        List<String> results = new ArrayList<>();
        MODEL.requests().getLast().path("messages").forEach(message -> {
            if (message.path("role").asText().equals("tool")) {
                results.add(message.path("content").asText());
            }
        });
        assertThat(results.getFirst()).isEqualTo("There are 3 of lamp.");
        assertThat(results.getLast()).startsWith("The arguments do not fit");
        assertThat(MCP.calls()).hasSize(1);
        MCP.forget();
        for (int i = 0; i < 2; i++) { // the first call finds its session gone, the next begins another
            MODEL.follow((round, request) -> round == 0
                    ? List.of(new Call("shop_stock", "{\"article\":\"chair\"}"))
                    : ScriptedModel.last(request));
            ask(tenant, "How many chairs are there?");
        }
        assertThat(MCP.calls()).hasSize(2);
    }

    @Test
    void takesNoToolForRepeatableThatMayChangeSomething() {
        Map<String, Object> get = Map.of("name", "order", "description", "Tells.", "url", "http://localhost:1/");
        Map<String, Object> post =
                Map.of("name", "cancel", "description", "Cancels.", "url", "http://localhost:1/", "method", "POST");
        NewTenant tenant = tenantOf(Map.of(
                "tools",
                        Map.of(
                                "enabled",
                                List.of("search_knowledge_base", "call_http", "shop_stock", "shop_wipe"),
                                "http",
                                List.of(get, post)),
                "mcpServers",
                        List.of(Map.of(
                                "name",
                                "shop",
                                "url",
                                MCP.uri() + "/mcp",
                                "headers",
                                Map.of("Authorization", "Bearer mcp-token-of-the-tests")))));

        Map<String, Tool> tools = toolbox.enabled(tenant.id(), tenants.settings(tenant.id()));

        assertThat(tools).hasSize(5);
        assertThat(tools.values().stream().filter(Tool::isRepeatable).map(Tool::name))
                .containsExactlyInAnyOrder("search_knowledge_base", "order", "shop_stock");
    }

    @Test
    void answersWithoutAnMcpServerThatIsNotThere() {
        NewTenant tenant = tenantOf(Map.of(
                "model", Map.of("provider", "openai"),
                "tools", Map.of("enabled", List.of("gone_stock")),
                "mcpServers", List.of(Map.of("name", "gone", "url", "http://127.0.0.1:1/mcp"))));
        MODEL.follow((round, request) -> "I do not know.");

        assertThat(ask(tenant, "How many?").text("/text")).isEqualTo("I do not know.");
        assertThat(MODEL.requests().getFirst().has("tools")).isFalse();
    }

    @Test
    void hidesWhatTheTenantWantsHiddenAndPutsItBackIntoTheReply() {
        NewTenant tenant = tenantOf(Map.of(
                "model", Map.of("provider", "openai"), "pii", Map.of("mask", List.of("email", "phone", "iban"))));
        MODEL.follow((round, request) -> "I write to [EMAIL_1] and call [PHONE_1].");

        Reply reply = ask(tenant, "I am ada@mail.example, call +44 20 7946 0958.");

        assertThat(reply.text("/text")).isEqualTo("I write to ada@mail.example and call +44 20 7946 0958.");
        assertThat(MODEL.requests().getFirst().toString())
                .contains("I am [EMAIL_1], call [PHONE_1].")
                .doesNotContain("ada@mail.example", "7946");
    }

    @Test
    void answersTooLongATextWithoutAskingTheModel() {
        NewTenant tenant = tenantOf(Map.of("model", Map.of("provider", "openai")));
        MODEL.follow((round, request) -> "Hello.");

        Reply reply = ask(tenant, "When? ".repeat(9_000));

        assertThat(reply.status()).isIn(200, 400);
        assertThat(MODEL.requests()).isEmpty();
    }

    private static Map<String, Object> endpoint(String method, String url, Map<String, Object> headers) {
        return new HashMap<>(Map.of(
                "name", "order_status",
                "description", "Tells where an order is.",
                "method", method,
                "url", url,
                "headers", headers,
                "parameters", SCHEMA));
    }

    private NewTenant tenant(Map<String, Object> endpoint) {
        return tenantOf(Map.of(
                "model", Map.of("provider", "openai"),
                "tools", Map.of("enabled", List.of("call_http"), "http", List.of(endpoint))));
    }

    private NewTenant tenantOf(Map<String, Object> settings) {
        Reply made = post("/api/tenants", ADMIN, Map.of("name", "A tenant", "settings", settings));
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        return new NewTenant(made.id(), made.text("/apiKey"));
    }

    private String stored(NewTenant tenant) {
        return transactions.in(tenant.id(), jdbc -> jdbc.sql("select settings::text from tenants")
                .query(String.class)
                .single());
    }

    private Reply ask(NewTenant tenant, String text) {
        return post(tenant.path("/ask"), ADMIN, Map.of("text", text));
    }
}
