package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.caravanserai.administration.OnApi;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What a system may post that is no message, and what a tenant may say of where a message's parts are. */
@ExtendWith(OutputCaptureExtension.class)
class GenericDoorIT extends OnApi {

    static Stream<byte[]> unreadable() {
        List<byte[]> bodies = new ArrayList<>();
        for (String text : List.of(
                "",
                " ",
                "{",
                "{\"id\":",
                "[",
                "null",
                "true",
                "1",
                "1e999999999",
                "\"text\"",
                "[]",
                "[{}]",
                "{}{}",
                "{\"id\":1} x",
                "nul",
                "{'id':'1'}",
                "{\"id\":\"1\",\"id\":\"2\"}",
                "{\"id\":NaN}",
                "{\"id\":01}",
                "\u0000",
                "\ufeff",
                "{\"id\":\"a\nb\"}",
                "{\"id\":" + "7".repeat(100_000) + "}",
                "{\"a\":".repeat(50_000),
                "[".repeat(200_000),
                "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000),
                "[".repeat(5_000) + "]".repeat(5_000))) {
            bodies.add(text.getBytes(StandardCharsets.UTF_8));
        }
        bodies.add(new byte[] {'{', '"', 'i', 'd', '"', ':', '"', (byte) 0xc3, (byte) 0x28, '"', '}'});
        bodies.add(new byte[] {(byte) 0xff, (byte) 0xfe, '{', 0});
        bodies.add(new byte[] {0, 0, (byte) 0xff, (byte) 0xfe, '{'});
        bodies.add(new byte[] {0, 0, 0, '{', 0, (byte) 0xff, (byte) 0xff, (byte) 0xff});
        bodies.add("{\"id\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        return bodies.stream();
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void answers400ToWhatIsNoJsonObject(byte[] body, CapturedOutput output) {
        Reply answer = post(channel(Map.of()), body);

        assertThat(answer.status())
                .as(new String(body, 0, Math.min(40, body.length), StandardCharsets.UTF_8))
                .isEqualTo(400);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(output.getAll()).doesNotContain("\tat org.caravanserai");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/tenants", "/api/dead-letters/replay"})
    void anApiAnswers400ToWhatIsNoJsonObject(String path) {
        unreadable().map(body -> new String(body, StandardCharsets.UTF_8)).forEach(body -> assertThat(
                        call("POST", path, ADMIN, body).status())
                .as(body.substring(0, Math.min(40, body.length())))
                .isEqualTo(400));
    }

    @Test
    void aNumberBeyondAllBoundsElsewhereIsNoHarm() {
        Channel channel = channel(Map.of());
        String text = "{\"id\":\"1\",\"contact\":{\"address\":\"ada\"},\"text\":\"Hi\",\"x\":1e999999999}";

        assertThat(post(channel, text.getBytes(StandardCharsets.UTF_8)).status())
                .isEqualTo(200);
    }

    @Test
    void readsMessagesByNamesAndNumbers() {
        Channel channel =
                channel(Map.of("text", "$.list[1]['the text']", "contact.address", "$[\"from\"]", "id", "$.a.b"));
        String text = "{\"a\":{\"b\":7},\"from\":\"ada\",\"list\":[0,{\"the text\":\"Hi\"}]}";

        assertThat(post(channel, text.getBytes(StandardCharsets.UTF_8)).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$",
                "text",
                "$.",
                "$..text",
                "$.*",
                "$.a[*]",
                "$[?(@.t =~ /((a|aa)+)\\1?b/)]",
                "$[?(@.a)]",
                "$.a[0:2]",
                "$.a[0,1]",
                "$['a','b']",
                "$.a.length()",
                "$.concat($.a,$.b)",
                "$[(@.length-1)]",
                "$.a[-1]",
                "@.a",
                "$.a[0",
                "$.a['b",
                "$a",
                "$.a b",
                "$.a[1234567]",
                "$.a\u0000"
            })
    void refusesPathsThatSearchOrCompute(String path) {
        assertRefused(path);
    }

    @Test
    void refusesPathsThatAreLongOrDeep() {
        assertRefused("$." + "a".repeat(300));
        assertRefused("$" + ".a".repeat(21));
        assertRefused("$" + "[0]".repeat(21));
    }

    @Test
    void neverEvaluatesAPathThatWasSavedBefore() {
        Channel channel = channel(Map.of());
        transactions.run(channel.tenant.id(), jdbc -> jdbc.sql(
                        "update channels set config = config || '{\"mapping\":{\"text\":\"$..text\"}}'::jsonb where id = ?")
                .param(channel.id)
                .update());
        String text = "{\"id\":\"1\",\"contact\":{\"address\":\"ada\"},\"text\":\"Hi\"}";

        Reply answer = org.awaitility.Awaitility.await()
                .until(() -> post(channel, text.getBytes(StandardCharsets.UTF_8)), reply -> reply.status() == 400);

        assertThat(answer.text("/errors/0/field")).isEqualTo("mapping.text");
    }

    private void assertRefused(String path) {
        NewTenant tenant = tenantWithKey();
        Reply made = post(tenant.path("/channels"), tenant.key(), config(Map.of("text", path)));

        assertThat(made.status()).as(path).isEqualTo(400);
        JsonNode error = made.body().at("/errors/0");
        assertThat(error.path("field").asText()).isEqualTo("config.mapping.text");
    }

    private record Channel(NewTenant tenant, UUID id, String secret) {}

    private static Map<String, Object> config(Map<String, String> mapping) {
        return Map.of(
                "type",
                "generic",
                "name",
                "Site",
                "config",
                Map.of("replyUrl", "http://127.0.0.1:1/", "mapping", mapping));
    }

    private Channel channel(Map<String, String> mapping) {
        NewTenant tenant = tenantWithKey();
        Reply made = post(tenant.path("/channels"), tenant.key(), config(mapping));
        return new Channel(tenant, made.id(), made.text("/config/secret"));
    }

    private Reply post(Channel channel, byte[] body) {
        Instant now = Instant.now();
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/webhooks/generic/" + channel.id))
                .header("webhook-id", "m")
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header("webhook-signature", StandardWebhooks.sign(List.of(channel.secret), "m", now, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }
}
