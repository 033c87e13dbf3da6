package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of which models and analyzers leave nothing: no failure, and nothing that is tried for ever. */
class UnsearchableTextsIT extends OnLine {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\ufffd",
                "\ufffd\ufffd\ufffd",
                "\u200b",
                "\u200b \u200d",
                "\u0301\u0302",
                "\u202e",
                "\u0007\u0001",
                "\ue000",
                "\u2060",
                "\ufe0f",
                "\u00ad",
                "\ufeff",
                "\u034f",
                "\ud83c\udffb",
                "\u3000\ufffd",
                "?",
                "\ud83d\udc4d",
                "\u0378"
            })
    void findNothingAndAreAnsweredThatNothingWasFound(String text) throws Exception {
        String tenant = "/api/tenants/" + newTenant();
        upload(tenant, "sauna.md", "The sauna opens at seven.");

        Answer found = call("POST", tenant + "/search", Map.of("query", text));
        Answer asked = call("POST", tenant + "/ask", Map.of("text", text));

        assertThat(found.status()).as(found.body().toString()).isEqualTo(200);
        assertThat(asked.status()).as(asked.body().toString()).isEqualTo(200);
        assertThat(asked.body().get("text").asText()).startsWith("I could not find an answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ufffd", "\u200b", "\u0301\u0302\u0303", "\u202e\u202d", "\u0000", "\u0007"})
    void ofAContactAreAnswered(String text) throws Exception {
        Line line = newLine("{\"burstWindow\":\"PT0S\"}");

        write(line, "1", "\ufffd", text);

        assertThat(awaitSent(line, 1).get("text").asText()).startsWith("I could not find an answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ufffd\ufffd", "\u200b\u200b \n\n\u200b", "\u0301\u0302", "\ufffd\n\ufffd\n\ufffd"})
    void ofADocumentFailWithAReason(String text) throws Exception {
        String tenant = "/api/tenants/" + newTenant();
        String document = upload(tenant, "odd.md", text);

        Awaitility.await().atMost(SOON).untilAsserted(() -> {
            var body = call("GET", tenant + "/documents/" + document, null).body();
            assertThat(body.path("status").asText()).isEqualTo("failed");
            assertThat(body.path("error").asText()).contains("no text");
        });
    }

    @Test
    void withinADocumentAreLeftOut() throws Exception {
        String tenant = "/api/tenants/" + newTenant();
        String document =
                upload(tenant, "odd.txt", "The sauna opens at seven.\n\n" + "\ufffd \u200b\n\n".repeat(2_000));

        Awaitility.await().atMost(SOON).until(() -> call("GET", tenant + "/documents/" + document, null)
                .body()
                .path("status")
                .asText()
                .equals("indexed"));
    }

    @Test
    void asNamesAndSettingsAreKeptOrRefusedWithWords() throws Exception {
        for (String odd : new String[] {"\ufffd", "\u200b", "\u0301", "\u202e"}) {
            Answer made = call(
                    "POST",
                    "/api/tenants",
                    Map.of("name", odd, "settings", Map.of("instructions", odd, "replies", Map.of("noAnswer", odd))));
            assertThat(made.status()).isIn(201, 400);
        }
        for (String raw : new String[] {"\\u0000", "\\ud800", "a\\udc00"}) {
            Answer made = call("POST", "/api/tenants", "{\"name\":\"" + raw + "\"}");
            assertThat(made.status()).isEqualTo(400);
            assertThat(made.body().at("/errors/0/field").asText()).isEqualTo("name");
        }
    }

    private String upload(String tenant, String name, String text) throws Exception {
        String boundary = UUID.randomUUID().toString();
        String parts = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                + "\"\r\n\r\n" + text + "\r\n--" + boundary + "--\r\n";
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + tenant + "/documents"))
                .header("Authorization", "Bearer " + ADMIN_KEY)
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(HttpRequest.BodyPublishers.ofString(parts, StandardCharsets.UTF_8))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(202);
        return json.readTree(answer.body()).at("/items/0/id").asText();
    }
}
