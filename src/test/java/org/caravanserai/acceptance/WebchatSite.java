package org.caravanserai.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.caravanserai.inbound.webchat.Page;

/** A tenant's web chat, and the pages that it is on. */
final class WebchatSite {

    private static final String ORIGIN = "https://library.example";

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final String door;

    /** Somebody with a page open. */
    record Visit(String token, Page page) {}

    /** @param modelUrl of a model that speaks OpenAI's API */
    WebchatSite(AdminApi api, String modelUrl) throws IOException {
        Map<String, Object> model = Map.of("provider", "openai", "apiKey", "sk-none", "baseUrl", modelUrl);
        String tenant = "/api/tenants/"
                + api.post(
                                "/api/tenants",
                                Map.of("name", "Site", "settings", Map.of("burstWindow", "PT0S", "model", model)))
                        .get("id")
                        .asText();
        Map<String, Object> config = Map.of("allowedOrigins", List.of(ORIGIN));
        door = "/webchat/"
                + api.post(tenant + "/channels", Map.of("type", "webchat", "name", "Site", "config", config))
                        .get("id")
                        .asText();
    }

    /** Somebody new. */
    Visit visit(HubProcess hub) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(hub.uri().resolve(door + "/sessions"))
                .header("Origin", ORIGIN)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        String token = json.readTree(answer).get("token").asText();
        return new Visit(token, open(hub, token, 0));
    }

    /** Somebody who was there before. */
    Page open(HubProcess hub, String token, long after) {
        return new Page(
                http, URI.create(hub.uri().toString().replaceFirst("^http", "ws") + door), token, ORIGIN, after);
    }
}
