package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.embedded.SharedParts;
import org.caravanserai.inbound.webchat.Page;
import org.caravanserai.standin.StandInProviders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Web chats on two hubs, of which one may answer what was written to the other. */
class WebchatReplicasIT {

    private static final int VISITORS = 10;
    private static final String ORIGIN = "https://library.example";

    private final HttpClient http = HttpClient.newHttpClient();

    /** Somebody with a page open. */
    private record Visit(String token, Page page) {}

    @Test
    void showRepliesWhereverTheSocketIsAndGoOnWhenAHubEnds(@TempDir Path folder) throws Exception {
        try (StandInProviders model = new StandInProviders();
                SharedParts parts = new SharedParts(folder.resolve("parts"));
                HubProcess first = HubProcess.start(folder.resolve("a"), settings(parts, model));
                HubProcess second = HubProcess.start(folder.resolve("b"), settings(parts, model))) {
            String door = newChannel(new AdminApi(first.uri(), first.adminKey()));
            List<Visit> visits = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                URI hub = (i % 2 == 0 ? first : second).uri().resolve(door);
                String token = token(hub);
                visits.add(new Visit(token, open(hub, token, 0)));
            }

            for (Visit visit : visits) {
                visit.page.write("one", "When do you open?");
            }

            Map<Visit, Long> seen = new HashMap<>();
            for (Visit visit : visits) {
                JsonNode part = visit.page.until("delta").getLast();
                JsonNode reply = visit.page.message("model");
                assertThat(part.get("messageId")).isEqualTo(reply.get("messageId"));
                assertThat(reply.get("text").asText())
                        .startsWith(part.get("text").asText());
                seen.put(visit, reply.get("position").asLong());
            }

            assertThat(second.terminate()).isTrue();

            Visit left = visits.get(1);
            assertThat(left.page.closeCode()).isEqualTo(1012);
            URI hub = first.uri().resolve(door);
            try (Page again = open(hub, left.token, seen.get(left))) {
                again.write("two", "And on Sunday?");
                assertThat(again.message("model").get("position").asLong()).isGreaterThan(seen.get(left));
            }
            visits.forEach(visit -> visit.page.close());
        }
    }

    private static Map<String, String> settings(SharedParts parts, StandInProviders model) {
        Map<String, String> settings = new HashMap<>(parts.settings());
        settings.put("HUB_DEMO", "false");
        settings.put("HUB_MODEL_PROVIDER", "openai");
        settings.put("OPENAI_API_KEY", "sk-none");
        settings.put("HUB_OPENAI_URL", model.url("openai"));
        return settings;
    }

    /** Gives back its path. */
    private static String newChannel(AdminApi api) throws IOException {
        String tenant = "/api/tenants/"
                + api.post("/api/tenants", Map.of("name", "Library", "settings", Map.of("burstWindow", "PT0S")))
                        .get("id")
                        .asText();
        Map<String, Object> config = Map.of("allowedOrigins", List.of(ORIGIN));
        return "/webchat/"
                + api.post(tenant + "/channels", Map.of("type", "webchat", "name", "Site", "config", config))
                        .get("id")
                        .asText();
    }

    private String token(URI door) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(door + "/sessions"))
                .header("Origin", ORIGIN)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return answer.replaceFirst(".*\"token\":\"([^\"]+)\".*", "$1");
    }

    private Page open(URI door, String token, long after) {
        return new Page(http, URI.create(door.toString().replaceFirst("^http", "ws")), token, ORIGIN, after);
    }
}
