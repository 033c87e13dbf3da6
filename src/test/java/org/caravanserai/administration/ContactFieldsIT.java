package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.standin.ScriptedModel;
import org.caravanserai.standin.ScriptedModel.Call;
import org.caravanserai.standin.StandInMcpServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What a tenant's tools are told of the contact by the hub, and not by the model. */
@DirtiesContext
@TestPropertySource(properties = "hub.home=target/it-home/${fork:1}/contact-fields")
class ContactFieldsIT extends OnApi {

    private static final String ADDRESS = "4915112345678";
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final ScriptedModel MODEL = new ScriptedModel((round, request) -> "Hello.");
    private static final StandInMcpServer MCP = new StandInMcpServer();
    private static final Map<String, Object> SCHEMA = Map.of(
            "type",
            "object",
            "properties",
            Map.of("number", Map.of("type", "string"), "note", Map.of("type", "string")),
            "required",
            List.of("number"));

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("hub.model.openai.url", () -> MODEL.uri() + "/v1");
    }

    @AfterAll
    static void stops() {
        MODEL.close();
        MCP.close();
    }

    private static Map<String, Object> endpoint(String method, String url, Map<String, Object> more) {
        Map<String, Object> endpoint = new HashMap<>(Map.of(
                "name",
                "orders",
                "description",
                "Tells of orders.",
                "method",
                method,
                "url",
                url,
                "parameters",
                SCHEMA));
        endpoint.putAll(more);
        return endpoint;
    }

    private static Map<String, Object> settings(Map<String, Object> endpoint) {
        return Map.of(
                "model", Map.of("provider", "openai"),
                "burstWindow", "PT0S",
                "tools", Map.of("enabled", List.of("call_http"), "http", List.of(endpoint)));
    }

    private Line lineWith(Map<String, Object> settings) throws Exception {
        Line line = newLine("{}");
        Reply put = put(line.path(), ADMIN, Map.of("name", "Inn", "settings", settings));
        assertThat(put.status()).as(put.body().toString()).isEqualTo(200);
        return line;
    }

    private static JsonNode toolsToldOf() {
        return MODEL.requests().getFirst().path("tools");
    }

    @Test
    void fillsInTheVerifiedAddressWhateverContactAndModelSay() throws Exception {
        try (LoopbackServer shop = new LoopbackServer(request -> new LoopbackServer.Reply(200, "two orders"))) {
            Line line = lineWith(settings(endpoint(
                    "POST",
                    shop.url() + "/customers/{contact.address}/orders/{number}?by={contact.channel}",
                    Map.of(
                            "headers", Map.of("X-Customer", "tel:{contact.address}"),
                            "body", Map.of("customer", "{contact.address}", "source", "hub")))));
            String claimed = "{\"number\":\"12\",\"note\":\"hi\",\"customer\":\"999\",\"Customer\":\"999\","
                    + "\"contact.address\":\"999\",\"X-Customer\":\"999\"}";
            MODEL.follow((round, request) ->
                    round == 0 ? List.of(new Call("orders", claimed)) : ScriptedModel.last(request));

            write(line, ADDRESS, "999", "I am 999. Where is my order?");

            await().atMost(SOON).until(() -> !shop.requests().isEmpty());
            LoopbackServer.Request sent = shop.requests().getFirst();
            assertThat(sent.path()).isEqualTo("/customers/" + ADDRESS + "/orders/12");
            assertThat(sent.query()).isEqualTo("by=whatsapp");
            assertThat(sent.headers().getFirst("X-Customer")).isEqualTo("tel:" + ADDRESS);
            JsonNode body = json.readTree(new String(sent.body(), StandardCharsets.UTF_8));
            assertThat(body)
                    .isEqualTo(json.readTree("{\"note\":\"hi\",\"X-Customer\":\"999\",\"customer\":\"" + ADDRESS
                            + "\",\"source\":\"hub\"}"));
            assertThat(toolsToldOf().toString()).contains("number").doesNotContain("contact.", "customer", "source");
        }
    }

    @Test
    void tellsTheModelThatThereIsNoContactWhereNoneIs() {
        try (LoopbackServer shop = new LoopbackServer(request -> new LoopbackServer.Reply(200, "two orders"))) {
            Reply made = post(
                    "/api/tenants",
                    ADMIN,
                    Map.of(
                            "name",
                            "Inn",
                            "settings",
                            settings(endpoint("GET", shop.url() + "/customers/{contact.address}", Map.of()))));
            MODEL.follow((round, request) -> round == 0
                    ? List.of(new Call("orders", "{\"number\":\"1\",\"contact.address\":\"" + ADDRESS + "\"}"))
                    : ScriptedModel.last(request));

            Reply reply = post("/api/tenants/" + made.id() + "/ask", ADMIN, Map.of("text", "Where is my order?"));

            assertThat(reply.text("/text")).contains("contact", "none");
            assertThat(shop.requests()).isEmpty();
        }
    }

    @Test
    void fillsInArgumentsOfMcpToolsAndHidesThemFromTheModel() throws Exception {
        Line line = lineWith(Map.of(
                "model", Map.of("provider", "openai"),
                "burstWindow", "PT0S",
                "tools", Map.of("enabled", List.of("shop_stock")),
                "mcpServers",
                        List.of(Map.of(
                                "name",
                                "shop",
                                "url",
                                MCP.uri() + "/mcp",
                                "headers",
                                Map.of("Authorization", "Bearer mcp-token-of-the-tests"),
                                "arguments",
                                Map.of("customer", "{contact.address}")))));
        MODEL.follow((round, request) -> round == 0
                ? List.of(new Call("shop_stock", "{\"article\":\"lamp\",\"customer\":\"999\",\"CUSTOMER\":\"999\"}"))
                : ScriptedModel.last(request));

        write(line, ADDRESS, "999", "I am 999. How many?");

        await().atMost(SOON).until(() -> !MCP.calls().isEmpty());
        assertThat(MCP.calls().getFirst())
                .isEqualTo(json.readTree("{\"article\":\"lamp\",\"customer\":\"" + ADDRESS + "\"}"));
        assertThat(toolsToldOf().toString()).contains("article").doesNotContain("customer");
    }

    @Test
    void refusesAtSavingWhatCannotBeFilledIn() {
        Map<String, Object> server = Map.of(
                "name",
                "a",
                "url",
                "https://example.com/",
                "headers",
                Map.of("X-Customer", "{contact.address}"),
                "arguments",
                Map.of("a", "{contact.phone}"));
        Map<String, Object> settings = Map.of(
                "tools",
                Map.of(
                        "http",
                        List.of(
                                endpoint("GET", "https://{contact.address}.example.com/", Map.of()),
                                endpoint("GET", "https://example.com/{contact.phone}", Map.of()),
                                endpoint(
                                        "GET",
                                        "https://example.com/",
                                        Map.of("headers", Map.of("X-A", "{contact.name}"))),
                                endpoint("GET", "https://example.com/", Map.of("body", Map.of("a", "b"))),
                                endpoint("POST", "https://example.com/", Map.of("body", Map.of("Number", "b"))),
                                endpoint("POST", "https://example.com/", Map.of("body", Map.of("a", 5))))),
                "mcpServers",
                List.of(server));

        Reply refused = post("/api/tenants", ADMIN, Map.of("name", "A", "settings", settings));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "settings.tools.http[0].url",
                        "settings.tools.http[1].url",
                        "settings.tools.http[2].headers",
                        "settings.tools.http[3].body",
                        "settings.tools.http[4].body",
                        "settings.tools.http[5].body",
                        "settings.mcpServers[0].arguments",
                        "settings.mcpServers[0].headers.X-Customer");
    }
}
