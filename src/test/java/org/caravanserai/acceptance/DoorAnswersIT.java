package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a door answers to whom, in the order in which it checks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DoorAnswersIT {

    private static final int MIB = 1024 * 1024;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private Town town;
    private URI door;

    @BeforeAll
    void open(@TempDir Path folder) throws IOException {
        town = new Town(folder.resolve("home"), "PT0S", Map.of("HUB_DOORS_BODY_TIMEOUT", "3s"));
        door = town.hub.uri().resolve("/webhooks/whatsapp/" + town.channel);
    }

    @AfterAll
    void close() throws Exception {
        if (town != null) {
            town.close();
        }
    }

    @Test
    void answersTheHandshakeWithTheChallengeAndNothingElse() throws Exception {
        HttpResponse<String> answer = get("?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-me");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("1158201444");
    }

    @Test
    void answers403ToAWrongVerifyToken() throws Exception {
        assertThat(get("?hub.mode=subscribe&hub.challenge=1&hub.verify_token=guess")
                        .statusCode())
                .isEqualTo(403);
        assertThat(get("?hub.mode=subscribe&hub.challenge=1").statusCode()).isEqualTo(403);
        assertThat(get("?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=verify-me")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void answers401ToAForgedMissingTruncatedOrDoubledSignature() throws Exception {
        byte[] body = text();
        String right = town.whatsapp.signature(body);

        assertProblem(post(door, body, "sha256=" + "0".repeat(64)), 401);
        assertProblem(post(door, body), 401);
        assertProblem(post(door, body, right.substring(0, 40)), 401);
        assertProblem(post(door, body, right, right), 401);
        assertProblem(post(door, body, right + "," + right), 401);
        assertProblem(post(door, body, right.toUpperCase(java.util.Locale.ROOT)), 401);
    }

    @Test
    void answers401ToTheSameJsonWrittenDifferently() throws Exception {
        byte[] body = town.whatsapp.text("wamid.rewritten", "4915", "\u00e4/");
        byte[] rewritten = json.writeValueAsBytes(json.readTree(body));

        assertProblem(post(door, rewritten, town.whatsapp.signature(body)), 401);
    }

    @Test
    void answers404ToAnUnknownChannelWhateverElseIsWrong() throws Exception {
        URI unknown = town.hub.uri().resolve("/webhooks/whatsapp/" + UUID.randomUUID());

        assertProblem(post(unknown, text(), "sha256=0"), 404);
        assertProblem(post(town.hub.uri().resolve("/webhooks/whatsapp/no-id"), text()), 404);
        assertProblem(post(unknown, new byte[5 * MIB]), 404);
    }

    @Test
    void answers413ToALargeBodyBeforeItLooksAtTheSignature() throws Exception {
        assertProblem(post(door, new byte[4 * MIB + 1], "sha256=0"), 413);
    }

    @Test
    void takesABodyOfExactlyTheLimit() throws Exception {
        byte[] start = "{\"object\":\"x\",\"pad\":\"".getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(start, 4 * MIB);
        Arrays.fill(body, start.length, body.length - 2, (byte) 'a');
        body[body.length - 2] = '"';
        body[body.length - 1] = '}';

        HttpResponse<String> answer = post(door, body, town.whatsapp.signature(body));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    /** It would keep its place, and the memory that it announces, for as long as it goes on. */
    @Test
    void answers408ToWhoSendsAByteNowAndThen() throws Exception {
        try (Socket socket = new Socket(door.getHost(), door.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST " + door.getPath() + " HTTP/1.1\r\nHost: hub\r\nContent-Length: 1000000\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));

            await().pollInterval(Duration.ofMillis(200)).until(() -> {
                out.write(' ');
                return socket.getInputStream().available() > 0;
            });

            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(answer.readLine()).startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void answers400ToWhatCannotBeParsed() throws Exception {
        for (String body : new String[] {"hello", "", "[]", "{\"a\":", "null", "{\"a\":" + "[".repeat(20_000)}) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            assertProblem(post(door, bytes, town.whatsapp.signature(bytes)), 400);
        }
    }

    @Test
    void answers200ToPayloadsThatAreNotUsed() throws Exception {
        for (String body : new String[] {
            "{}",
            "{\"object\":\"page\",\"entry\":[]}",
            "{\"entry\":[{\"changes\":[{\"field\":\"future\",\"value\":{}}]}]}"
        }) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            assertThat(post(door, bytes, town.whatsapp.signature(bytes)).statusCode())
                    .isEqualTo(200);
            assertThat(post(door, bytes, town.whatsapp.signature(bytes)).statusCode())
                    .as("again")
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesEverythingAtTheSharedDoorWithoutASharedApp() throws Exception {
        byte[] body = text();

        assertProblem(post(town.hub.uri().resolve("/webhooks/whatsapp"), body, town.whatsapp.signature(body)), 401);
    }

    @Test
    void answers401AtTheGenericDoorToAnUnsignedMessage() throws Exception {
        String id = town.api
                .post(
                        town.tenant + "/channels",
                        Map.of(
                                "type",
                                "generic",
                                "name",
                                "shop",
                                "config",
                                Map.of("replyUrl", town.tenantSystem.uri() + "/replies")))
                .path("id")
                .asText();

        assertProblem(
                post(town.hub.uri().resolve("/webhooks/generic/" + id), "{}".getBytes(StandardCharsets.UTF_8)), 401);
    }

    private byte[] text() {
        return town.whatsapp.text("wamid." + UUID.randomUUID(), "4915", "When does the library open?");
    }

    private HttpResponse<String> get(String query) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(door + query)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(URI target, byte[] body, String... signatures) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(target).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        for (String signature : signatures) {
            request.header("X-Hub-Signature-256", signature);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void assertProblem(HttpResponse<String> answer, int status) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(json.readTree(answer.body()).path("detail").asText()).isNotEmpty();
    }
}
