package org.caravanserai.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.inbound.webchat.Page;
import org.junit.jupiter.api.Test;

/** How much may come from one address to web chats, whoever the visitors say they are. */
class WebchatLimitsIT extends OnLimits {

    private static final String ORIGIN = "https://inn.example";

    private UUID chat() {
        NewTenant tenant = tenantWithKey();
        Map<String, Object> config = Map.of("allowedOrigins", List.of(ORIGIN));
        return post(tenant.path("/channels"), ADMIN, Map.of("type", "webchat", "name", "Site", "config", config))
                .id();
    }

    private Reply session(UUID chat, String address, String body) {
        HttpRequest.Builder request = from(address, "/webchat/" + chat + "/sessions", body);
        return send(request.header("Origin", ORIGIN).build());
    }

    @Test
    void givesAnAddressSoManyNewVisitorsAMinuteAndKnownOnesTheirToken() {
        UUID chat = chat();
        Reply first = session(chat, "203.0.113.20", "{}");

        List<Integer> statuses = statuses(10, i -> session(chat, "203.0.113.20", "{}"));
        Reply refused = session(chat, "203.0.113.20", "{}");

        assertThat(count(statuses, 201)).isBetween(4L, 6L);
        assertThat(count(statuses, 429)).isEqualTo(10 - count(statuses, 201));
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 12);
        assertThat(refused.header("RateLimit-Policy")).contains("\"sessions\";q=5;w=60");
        assertThat(session(chat, "203.0.113.20", "{\"token\":\"" + first.text("/token") + "\"}")
                        .status())
                .isEqualTo(201);
        assertThat(session(chat, "203.0.113.21", "{}").status()).isEqualTo(201);
    }

    @Test
    void endsSocketsOfAnAddressThatWritesTooMuchAndOpensNoMoreThanSoMany() throws Exception {
        UUID chat = chat();
        URI door = URI.create("ws://127.0.0.1:" + port + "/webchat/" + chat);
        String one = session(chat, "203.0.113.22", "{}").text("/token");
        String two = session(chat, "203.0.113.22", "{}").text("/token");

        try (Page first = new Page(http, door, one, ORIGIN, 0);
                Page second = new Page(http, door, two, ORIGIN, 0)) {
            first.until("ready");
            for (int i = 0; i < 6; i++) {
                assertThat(first.raw("{}").next().get("code").asText()).isEqualTo("malformed");
            }
            for (int i = 0; i < 6; i++) {
                second.raw("{}");
            }
            assertThat(second.closeCode()).isEqualTo(4429);
        }
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 6; i++) {
                        new Page(http, door, one, ORIGIN, 0);
                    }
                })
                .hasCauseInstanceOf(WebSocketHandshakeException.class);
    }
}
