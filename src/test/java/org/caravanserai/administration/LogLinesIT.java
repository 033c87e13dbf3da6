package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.context.TestPropertySource;

/** What strangers, tenants, models and servers send is on lines of the hub's own, even where all is logged. */
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/log-lines",
            "logging.level.org.caravanserai=trace",
            "hub.model.max-attempts=1"
        })
@ExtendWith(OutputCaptureExtension.class)
class LogLinesIT extends OnApi {

    private static final String FORGED = "\nFORGED 2026-01-01 ERROR\r\nFORGED\u2028FORGED\u0085FORGED\u001b[31m";
    private static final String PROVIDER_SAYS =
            "{\"error\":{\"message\":\"no such model\\nFORGED\\u2028FORGED\",\"type\":\"x\\nFORGED\"}}";

    @Test
    void nobodyElseBeginsALine(CapturedOutput log) throws Exception {
        try (LoopbackServer provider = new LoopbackServer(request -> new LoopbackServer.Reply(404, PROVIDER_SAYS))) {
            Line line = newLine(json.writeValueAsString(Map.of(
                    "burstWindow",
                    "PT0S",
                    "model",
                    Map.of("provider", "openai", "name", "gpt" + FORGED),
                    "tools",
                    Map.of("enabled", List.of("search_knowledge_base", "x" + FORGED)),
                    "mcpServers",
                    List.of(Map.of("name", "shop" + FORGED, "url", provider.url() + "/mcp")))));

            write(line, "447700900" + FORGED, "Ada" + FORGED, "Hello" + FORGED);
            post(line.path() + "/ask", ADMIN, Map.of("text", "What is this?" + FORGED));
            askAModelThatFails(provider);
            upload(line.path() + "/documents");
            get("/webhooks/generic/%0AFORGED", null);
            get("/api/tenants/x%0D%0AFORGED", "a-key-that-is-wrong");

            await().atMost(Duration.ofSeconds(30)).until(() -> log.getOut().contains("gpt\\nFORGED"));
            await().atMost(Duration.ofSeconds(30)).until(() -> !get(line.path() + "/conversations", ADMIN)
                    .body()
                    .path("items")
                    .isEmpty());
        }

        assertThat(log.getOut()).as("what a provider says").contains("no such model\\nFORGED");
        assertThat(log.getOut().split("\\R"))
                .noneMatch(line -> line.stripLeading().startsWith("FORGED"));
        assertThat(log.getOut()).doesNotContain("\u001b[31m", "\u2028", "\u0085");
    }

    private void askAModelThatFails(LoopbackServer provider) {
        NewTenant tenant = tenantWithKey();
        Map<String, Object> model = Map.of(
                "provider", "openai",
                "name", "gpt-4o-mini",
                "apiKey", "a-key",
                "baseUrl", provider.url() + "/v1");
        assertThat(put(tenant.path(""), ADMIN, Map.of("name", "Asks", "settings", Map.of("model", model)))
                        .status())
                .isEqualTo(200);
        post(tenant.path("/ask"), ADMIN, Map.of("text", "What is this?"));
    }

    private void upload(String path) {
        String body = """
                --part\r
                Content-Disposition: form-data; name="file"; filename*=UTF-8''a%0AFORGED%E2%80%A8FORGED.pdf\r
                Content-Type: application/pdf\r
                \r
                %PDF-1.4 broken\r
                --part--\r
                """;
        send(HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer " + ADMIN)
                .header("Content-Type", "multipart/form-data; boundary=part")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }
}
