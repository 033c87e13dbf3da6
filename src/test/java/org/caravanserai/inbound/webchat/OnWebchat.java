package org.caravanserai.inbound.webchat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.caravanserai.administration.OnApi;
import org.caravanserai.standin.StandInProviders;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A hub with web chats, whose models are stand-ins that write byte by byte. */
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/webchat",
            "hub.webchat.look-every=1s",
            "hub.webchat.messages-per-minute=30"
        })
abstract class OnWebchat extends OnApi {

    static final StandInProviders PROVIDERS = new StandInProviders();
    static final String ORIGIN = "https://inn.example";

    /** A tenant's web chat. */
    record Chat(NewTenant tenant, UUID channelId) {}

    @DynamicPropertySource
    static void providers(DynamicPropertyRegistry properties) {
        PROVIDERS.properties().forEach((name, value) -> properties.add(name, () -> value));
    }

    @BeforeEach
    void greetsAgain() {
        PROVIDERS.forget();
        PROVIDERS.takeRequests();
    }

    Chat chat(String provider) {
        Reply made = post(
                "/api/tenants",
                ADMIN,
                Map.of(
                        "name",
                        "Inn",
                        "settings",
                        Map.of(
                                "burstWindow",
                                "PT0S",
                                "model",
                                Map.of("provider", provider),
                                "tools",
                                Map.of("enabled", List.of("get_conversation_facts")))));
        NewTenant tenant = new NewTenant(made.id(), made.text("/apiKey"));
        Reply channel =
                post(tenant.path("/channels"), tenant.key(), channel(Map.of("allowedOrigins", List.of(ORIGIN))));
        return new Chat(tenant, channel.id());
    }

    static Map<String, Object> channel(Map<String, Object> config) {
        return new HashMap<>(Map.of("type", "webchat", "name", "Site", "config", config));
    }

    String door(Chat chat) {
        return "/webchat/" + chat.channelId;
    }

    Reply session(Chat chat, String origin, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(door(chat) + "/sessions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (origin != null) {
            request.header("Origin", origin);
        }
        return send(request.build());
    }

    String token(Chat chat) {
        return session(chat, ORIGIN, "{}").text("/token");
    }

    Page open(Chat chat, String token, long after) {
        return new Page(http, URI.create("ws://localhost:" + port + door(chat)), token, ORIGIN, after);
    }

    JsonNode messages(Chat chat) {
        String conversation = get(chat.tenant.path("/conversations"), ADMIN).text("/items/0/id");
        return get(chat.tenant.path("/conversations/" + conversation + "/messages"), ADMIN)
                .body()
                .get("items");
    }

    static String text(List<JsonNode> frames, String type) {
        return frames.stream()
                .filter(frame -> frame.get("type").asText().equals(type))
                .map(frame -> frame.path("text").asText())
                .collect(Collectors.joining());
    }

    static List<String> types(List<JsonNode> frames) {
        return frames.stream()
                .map(frame -> frame.get("type").asText())
                .distinct()
                .toList();
    }
}
