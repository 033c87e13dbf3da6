package org.caravanserai.siege;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.caravanserai.acceptance.AdminApi;
import org.caravanserai.standin.SignedWhatsapp;

/** The tenants of a siege: a quiet one, which is measured, and a hostile one, whose key and secrets the attackers have. */
final class Victims {

    private static final String DOCUMENT = """
            # Opening hours of the library

            The library opens on weekdays from 9:00 to 19:00. On Saturday the library opens from 10:00 to 16:00. On Sundays and
            public holidays the library is closed.
            """;

    static final String GENERIC_SECRET = "whsec_c2llZ2Utc2VjcmV0LW9mLXRoZS1ob3N0aWxlLW9uZQ==";
    private static final String APP_SECRET = "app-secret-of-the-siege";

    final SignedWhatsapp quietDoor;
    final Hostile hostile;

    /** Paths of its API and its doors. @param signed makes the payloads that its WhatsApp door takes */
    record Hostile(String tenant, String key, String whatsapp, SignedWhatsapp signed, String generic, String webchat) {}

    Victims(URI hub, String adminKey, URI neighbours) throws IOException {
        AdminApi api = new AdminApi(hub, adminKey);
        JsonNode quiet = api.post("/api/tenants", Map.of("name", "Quiet", "settings", Map.of("burstWindow", "PT0S")));
        String quietPath = "/api/tenants/" + quiet.path("id").asText();
        api.upload(quietPath + "/documents", Map.of("opening-hours.md", DOCUMENT));
        quietDoor = signed(hub, whatsapp(api, quietPath, "70000001", Neighbours.QUIET_TOKEN), "70000001");
        awaitIndexed(api, quietPath);

        Map<String, Object> model = Map.of(
                "provider",
                "openai",
                "name",
                "m",
                "apiKey",
                "sk-none",
                "baseUrl",
                neighbours + "/v1",
                "timeout",
                "PT5S");
        Map<String, Object> tools = Map.of(
                "enabled",
                List.of("search_knowledge_base", "h", "mcp_t"),
                "http",
                List.of(Map.of(
                        "name",
                        "h",
                        "description",
                        "d",
                        "method",
                        "GET",
                        "url",
                        neighbours + "/tool",
                        "parameters",
                        Map.of("type", "object", "properties", Map.of("a", Map.of("type", "string"))))));
        JsonNode made = api.post(
                "/api/tenants",
                Map.of(
                        "name",
                        "Hostile",
                        "settings",
                        Map.of(
                                "burstWindow",
                                "PT0S",
                                "model",
                                model,
                                "tools",
                                tools,
                                "pii",
                                Map.of("mask", List.of("email", "phone", "card", "iban")),
                                "mcpServers",
                                List.of(Map.of("name", "mcp", "url", neighbours + "/mcp")))));
        String tenant = "/api/tenants/" + made.path("id").asText();
        api.post(tenant + "/webhooks", Map.of("url", neighbours + "/hook", "events", List.of("*")));
        String whatsapp = whatsapp(api, tenant, "70000002", "access-token-of-the-hostile-one");
        String generic =
                channel(api, tenant, "generic", Map.of("secret", GENERIC_SECRET, "replyUrl", neighbours + "/reply"));
        String webchat = channel(api, tenant, "webchat", Map.of("allowedOrigins", List.of("*")));
        hostile = new Hostile(
                tenant,
                made.path("apiKey").asText(),
                whatsapp,
                signed(hub, whatsapp, "70000002"),
                "/webhooks/generic/" + generic,
                "/webchat/" + webchat);
    }

    private static String whatsapp(AdminApi api, String tenant, String phone, String token) throws IOException {
        Map<String, Object> config =
                Map.of("phoneNumberId", phone, "accessToken", token, "appSecret", APP_SECRET, "verifyToken", "verify");
        return "/webhooks/whatsapp/" + channel(api, tenant, "whatsapp", config);
    }

    private static SignedWhatsapp signed(URI hub, String door, String phone) {
        return new SignedWhatsapp(hub.resolve(door), APP_SECRET, phone);
    }

    private static String channel(AdminApi api, String tenant, String type, Map<String, Object> config)
            throws IOException {
        return api.post(tenant + "/channels", Map.of("type", type, "name", type, "config", config))
                .path("id")
                .asText();
    }

    private static void awaitIndexed(AdminApi api, String tenant) throws IOException {
        long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!api.all(tenant + "/documents").stream()
                .allMatch(one -> one.path("status").asText().equals("indexed"))) {
            if (System.nanoTime() > until) {
                throw new IOException("the document of the quiet tenant is not indexed");
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
    }
}
