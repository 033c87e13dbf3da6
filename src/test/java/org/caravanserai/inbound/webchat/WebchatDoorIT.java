package org.caravanserai.inbound.webchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Who may chat, from where, how much; and the channel that it is for the tenant. */
class WebchatDoorIT extends OnWebchat {

    @Autowired
    OpenSockets sockets;

    @Test
    void letsNobodyIntoAnothersConversation() {
        Chat chat = chat("openai");
        Chat foreign = chat("openai");
        String token = token(chat);
        String forged = token.substring(0, token.length() - 2) + (token.endsWith("AA") ? "BB" : "AA");

        try (Page forger = open(chat, forged, 0);
                Page stranger = open(foreign, token, 0);
                Page nobody = open(chat, "x", 0)) {
            assertThat(forger.closeCode()).isEqualTo(4401);
            assertThat(stranger.closeCode()).isEqualTo(4401);
            assertThat(nobody.closeCode()).isEqualTo(4401);
        }
        Reply begun = session(chat, ORIGIN, "{\"token\":\"" + forged + "\"}");
        assertThat(begun.status()).isEqualTo(201);
        assertThat(begun.body().get("resumed").asBoolean()).isFalse();
    }

    @Test
    void refusesPagesThatTheTenantDidNotName() {
        Chat chat = chat("openai");
        String token = token(chat);
        URI door = URI.create("ws://localhost:" + port + door(chat));

        assertThat(session(chat, "https://evil.example", "{}").status()).isEqualTo(403);
        assertThat(session(chat, null, "{}").status()).isEqualTo(403);
        assertThat(session(chat, ORIGIN, "{}").header("Access-Control-Allow-Origin"))
                .isEqualTo(ORIGIN);
        assertThatThrownBy(() -> new Page(http, door, token, "https://evil.example", 0))
                .hasCauseInstanceOf(WebSocketHandshakeException.class);
        assertThat(send(HttpRequest.newBuilder(uri(door(chat) + "/sessions"))
                                .header("Origin", ORIGIN)
                                .header("Access-Control-Request-Method", "POST")
                                .header("Access-Control-Request-Headers", "content-type")
                                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                                .build())
                        .header("Access-Control-Allow-Methods"))
                .isEqualTo("POST");
        assertThat(call("GET", "/webchat/" + UUID.randomUUID() + "/widget.js", null, null)
                        .status())
                .isEqualTo(404);
        assertThat(session(chat, ORIGIN, "{\"token\":\"" + "a".repeat(5_000) + "\"}")
                        .status())
                .isEqualTo(413);
        assertThat(session(chat, ORIGIN, "{\"token\":").status()).isEqualTo(400);
    }

    @Test
    void agreesToNoCompressionWhoseMemoryWouldBeEachSockets() throws Exception {
        Chat chat = chat("openai");
        try (Socket browser = new Socket("127.0.0.1", port)) {
            browser.getOutputStream()
                    .write(("""
                    GET %s/socket HTTP/1.1
                    Host: localhost
                    Origin: %s
                    Upgrade: websocket
                    Connection: Upgrade
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
                    Sec-WebSocket-Version: 13
                    Sec-WebSocket-Protocol: caravanserai.webchat.v1, %s
                    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits

                    """.formatted(door(chat), ORIGIN, token(chat)).replace("\n", "\r\n"))
                            .getBytes(StandardCharsets.US_ASCII));

            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(browser.getInputStream(), StandardCharsets.US_ASCII));
            String answer = Stream.generate(() -> line(lines))
                    .takeWhile(line -> !line.isEmpty())
                    .collect(Collectors.joining("\n"));

            assertThat(answer).startsWith("HTTP/1.1 101").doesNotContainIgnoringCase("deflate");
        }
    }

    private static String line(BufferedReader lines) {
        try {
            return lines.readLine();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Test
    void boundsWhatAPageSends() throws Exception {
        Chat chat = chat("openai");
        try (Page page = open(chat, token(chat), 0)) {
            page.until("ready");

            assertThat(page.raw("{").next().get("code").asText()).isEqualTo("malformed");
            assertThat(page.raw("{\"id\":\"a b\",\"text\":\"c\"}")
                            .next()
                            .get("code")
                            .asText())
                    .isEqualTo("malformed");
            assertThat(page.write("one", "a".repeat(4_001)).next().get("code").asText())
                    .isEqualTo("too_long");
            page.raw(" ".repeat(9_000) + "{}");
            assertThat(page.next().get("code").asText()).isEqualTo("malformed");
            page.raw("{\"id\":\"one\",\"text\":\"" + "a".repeat(17_000) + "\"}");
            assertThat(page.closeCode()).isEqualTo(1009);
        }
        try (Page page = open(chat, token(chat), 0)) {
            for (int i = 0; i < 31; i++) {
                page.raw("{}");
            }
            assertThat(page.closeCode()).isEqualTo(4429);
        }
        assertThat(get(chat.tenant().path("/conversations"), ADMIN).body().get("items"))
                .isEmpty();
    }

    @Test
    void closesTheOldestSocketOfWhoOpensTooManyAndAllWhenTheHubStops() throws Exception {
        Chat chat = chat("openai");
        String token = token(chat);
        Page oldest = open(chat, token, 0);
        List<Page> others = new java.util.ArrayList<>();
        oldest.until("ready");
        for (int i = 0; i < 5; i++) {
            others.add(open(chat, token, 0));
            others.getLast().until("ready");
        }

        assertThat(oldest.closeCode()).isEqualTo(4409);
        sockets.stop();
        assertThat(others).allSatisfy(page -> assertThat(page.closeCode()).isEqualTo(1012));
        try (Page late = open(chat, token, 0)) {
            assertThat(late.closeCode()).isEqualTo(1013);
        }
        sockets.start();
        try (Page again = open(chat, token, 0)) {
            assertThat(again.next().get("type").asText()).isEqualTo("ready");
        }
    }

    @Test
    void isAChannelLikeOthers() {
        Chat chat = chat("openai");
        Reply nowhere = post(chat.tenant().path("/channels"), ADMIN, channel(Map.of()));
        Reply wrong = post(
                chat.tenant().path("/channels"),
                ADMIN,
                channel(Map.of(
                        "allowedOrigins", List.of("https://inn.example/page"),
                        "color", "red; }",
                        "position", "top",
                        "avatarUrl", "javascript:alert(1)")));
        Reply dressed = put(
                chat.tenant().path("/channels/" + chat.channelId()),
                ADMIN,
                Map.of(
                        "name",
                        "Site",
                        "config",
                        Map.of(
                                "allowedOrigins",
                                List.of(ORIGIN),
                                "title",
                                "The \"Inn\" </script>",
                                "color",
                                "#0b7285",
                                "customCss",
                                ".bubble { width: 60px; }")));
        Reply widget = call("GET", door(chat) + "/widget.js", null, null);

        assertThat(nowhere.status()).isEqualTo(201);
        assertThat(post(chat.tenant().path("/channels/" + nowhere.id() + "/test"), ADMIN, null)
                        .text("/detail"))
                .contains("allowedOrigins");
        assertThat(post(chat.tenant().path("/channels/" + chat.channelId() + "/test"), ADMIN, null)
                        .body()
                        .get("ok")
                        .asBoolean())
                .isTrue();
        assertThat(wrong.body().get("errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "config.allowedOrigins[0]", "config.color", "config.position", "config.avatarUrl");
        assertThat(dressed.text("/webhookUrl")).endsWith(door(chat) + "/widget.js");
        assertThat(widget.header("Content-Type")).startsWith("text/javascript");
        assertThat(widget.answer().body())
                .contains(
                        "\"title\":\"The \\\"Inn\\\" </script>\"", "\"color\":\"#0b7285\"", ".bubble { width: 60px; }")
                .doesNotContain("SETTINGS", "allowedOrigins");
        assertThat(widget.answer().body().getBytes(StandardCharsets.UTF_8).length)
                .isLessThan(20_000);
    }
}
