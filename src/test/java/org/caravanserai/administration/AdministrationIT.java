package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.caravanserai.HubIT;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A hub whose WhatsApp is a stand-in on loopback that takes every message. */
@TestPropertySource(properties = "hub.home=target/it-home/${fork:1}/administration") // two hubs cannot share a home
abstract class AdministrationIT extends HubIT {

    static final String APP_SECRET = "the-app-secret-of-this-channel";
    static final String STRANGERS_TOKEN = "a-token-of-another-business";
    static final String TOKEN_OF_AN_OUTAGE = "a-token-while-meta-is-away";
    static final LoopbackServer GRAPH = new LoopbackServer(AdministrationIT::graph);

    @DynamicPropertySource
    static void graph(DynamicPropertyRegistry properties) {
        properties.add("hub.whatsapp.api-url", GRAPH::url);
    }

    private static LoopbackServer.Reply graph(LoopbackServer.Request request) {
        if (request.query() == null) {
            return new LoopbackServer.Reply(200, "{\"messages\":[{\"id\":\"wamid." + UUID.randomUUID() + "\"}]}");
        }
        String number = request.path().substring(request.path().lastIndexOf('/') + 1);
        return switch (String.valueOf(request.headers().getFirst("Authorization"))) {
            case "Bearer " + STRANGERS_TOKEN ->
                new LoopbackServer.Reply(
                        400,
                        "{\"error\":{\"message\":\"Unsupported get request.\",\"type\":\"GraphMethodException\",\"code\":100}}");
            case "Bearer " + TOKEN_OF_AN_OUTAGE -> new LoopbackServer.Reply(503, "away");
            default ->
                new LoopbackServer.Reply(
                        200,
                        "{\"id\":\"" + number
                                + "\",\"display_phone_number\":\"+1 555 0100\",\"verified_name\":\"Inn\"}");
        };
    }

    /** A tenant's WhatsApp channel. */
    record Line(UUID tenantId, UUID channelId, String phoneNumberId) {

        String path() {
            return "/api/tenants/" + tenantId;
        }
    }

    /** @param settings the tenant's, as JSON */
    Line newLine(String settings) throws IOException {
        UUID tenantId = newTenant();
        UUID channelId = ids.next();
        String number = Long.toString(Math.abs(channelId.getLeastSignificantBits()));
        String config = json.writeValueAsString(
                Map.of("phoneNumberId", number, "accessToken", "a-token", "appSecret", APP_SECRET, "verifyToken", "v"));
        transactions.run(tenantId, jdbc -> {
            jdbc.sql("update tenants set settings = ?::jsonb where id = ?")
                    .params(settings, tenantId)
                    .update();
            jdbc.sql("insert into channels (id, tenant_id, type, name, config, address)"
                            + " values (?, ?, 'whatsapp', 'Desk', ?::jsonb, ?)")
                    .params(channelId, tenantId, config, number)
                    .update();
        });
        return new Line(tenantId, channelId, number);
    }

    /** A contact writes. */
    void write(Line line, String from, String name, String text) throws Exception {
        Map<String, Object> message = Map.of(
                "from",
                from,
                "id",
                "wamid." + UUID.randomUUID(),
                "timestamp",
                "1764000000",
                "type",
                "text",
                "text",
                Map.of("body", text));
        post(
                line,
                Map.of(
                        "messaging_product", "whatsapp",
                        "metadata",
                                Map.of("display_phone_number", "15550001111", "phone_number_id", line.phoneNumberId),
                        "contacts", List.of(Map.of("wa_id", from, "profile", Map.of("name", name))),
                        "messages", List.of(message)));
    }

    /** The provider tells how a message fares. */
    void report(Line line, String externalId, String status) throws Exception {
        post(
                line,
                Map.of(
                        "messaging_product", "whatsapp",
                        "metadata",
                                Map.of("display_phone_number", "15550001111", "phone_number_id", line.phoneNumberId),
                        "statuses",
                                List.of(Map.of(
                                        "id",
                                        externalId,
                                        "status",
                                        status,
                                        "timestamp",
                                        "1764000005",
                                        "recipient_id",
                                        "1"))));
    }

    private void post(Line line, Map<String, Object> value) throws Exception {
        byte[] body = json.writeValueAsBytes(Map.of(
                "object",
                "whatsapp_business_account",
                "entry",
                List.of(Map.of("id", "1", "changes", List.of(Map.of("field", "messages", "value", value))))));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(APP_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/webhooks/whatsapp/" + line.channelId))
                .header("Content-Type", "application/json")
                .header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }
}
