package org.caravanserai.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.HubIT;
import org.caravanserai.standin.RawClient;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a hub answers to what is no request, or to a path that is written so that it goes round a check. */
class MalformedRequestsIT extends HubIT {

    private static final Duration AT_LAST = Duration.ofSeconds(3);
    private static final String HOST = "Host: hub\r\nConnection: close\r\n";
    private static final String ID = "0192f5a0-0000-7000-8000-00000000c002";

    @TestFactory
    List<DynamicTest> answersAProblemToWhatIsMalformed() {
        return Map.ofEntries(
                        Map.entry("no method", "\u0001\u0002 / HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("a space in the path", "GET /a b HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("a bad character in the path", "GET /a<b HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("a bad escape", "GET /a%zz HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("half an escape", "GET /a%4 HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("no UTF-8", "GET /a%ff HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("a zero", "GET /a%00b HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("a header without a name", "GET / HTTP/1.1\r\n" + HOST + ": x\r\n\r\n"),
                        Map.entry("a header that is none", "GET / HTTP/1.1\r\n" + HOST + "what is this\r\n\r\n"),
                        Map.entry("a folded header", "GET / HTTP/1.1\r\n" + HOST + "A: b\r\n c\r\n\r\n"),
                        Map.entry("no host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
                        Map.entry("two hosts", "GET / HTTP/1.1\r\nHost: b\r\n" + HOST + "\r\n"),
                        Map.entry("a bad host", "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n"),
                        Map.entry("an unknown version", "GET / HTTP/7.3\r\n" + HOST + "\r\n"),
                        Map.entry("no version that is one", "GET / HTP\r\n" + HOST + "\r\n"),
                        Map.entry("TRACE", "TRACE /webhooks/generic/" + ID + " HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("an unknown method", "BREW /api/tenants HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry(
                                "an unknown method at a door", "BREW /webhooks/generic/1 HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("CONNECT", "CONNECT example.com:443 HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry(
                                "a header too large",
                                "GET / HTTP/1.1\r\n" + HOST + "A: " + "a".repeat(9000) + "\r\n\r\n"),
                        Map.entry("a line too long", "GET /" + "a".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n"),
                        Map.entry("too many headers", "GET / HTTP/1.1\r\n" + HOST + "A: b\r\n".repeat(200) + "\r\n"),
                        Map.entry("a length that is no number", door("Content-Length: ten\r\n")),
                        Map.entry("a negative length", door("Content-Length: -1\r\n")),
                        Map.entry("an endless length", door("Content-Length: 99999999999999999999\r\n")),
                        Map.entry("two lengths", door("Content-Length: 1\r\nContent-Length: 2\r\n")),
                        Map.entry("an unknown encoding", door("Transfer-Encoding: brotli\r\n")),
                        Map.entry(
                                "bad chunks at a door",
                                door("Transfer-Encoding: chunked\r\n") + "zz\r\nnot a chunk\r\n"),
                        Map.entry(
                                "bad chunks at the API",
                                "POST /api/tenants HTTP/1.1\r\n" + HOST + "Authorization: Bearer " + ADMIN_KEY
                                        + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"))
                .entrySet()
                .stream()
                .map(request -> DynamicTest.dynamicTest(request.getKey(), () -> assertProblem(say(request.getValue()))))
                .toList();
    }

    private static String door(String headers) {
        return "POST /webhooks/generic/" + ID + " HTTP/1.1\r\n" + HOST + headers + "\r\n";
    }

    @Test
    void doesNotSpeakHttpOfBeforeHeaders() throws Exception {
        String answer = say("GET /api/health\r\n");

        assertThat(answer).doesNotContain("<html").doesNotContain("Tomcat").doesNotContain("\"up\"");
    }

    @TestFactory
    List<DynamicTest> refusesEveryOtherSpellingOfAPath() {
        List<String> plain =
                List.of("/webhooks/generic/" + ID, "/api/tenants", "/actuator/loggers", "/webchat/" + ID + "/sessions");
        return plain.stream()
                .flatMap(path -> spellings(path).stream())
                .map(path -> DynamicTest.dynamicTest(path, () -> assertIsRefused(path)))
                .toList();
    }

    private void assertIsRefused(String path) throws IOException {
        String head = " " + path + " HTTP/1.1\r\n" + HOST;
        String answer = say("POST" + head + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        assertProblem(answer);
        assertThat(status(answer)).isIn(Set.of(400, 401, 404));
        assertThat(answer).doesNotContain("no enabled"); // no door has looked for its channel
        assertProblem(say("GET" + head + "Authorization: Bearer " + ADMIN_KEY + "\r\n\r\n"));
    }

    @Test
    void takesThePlainSpelling() throws Exception {
        String known = "HTTP/1.1\r\n" + HOST + "Authorization: Bearer " + ADMIN_KEY + "\r\n\r\n";

        assertThat(status(say("GET /api/tenants " + known))).isEqualTo(200);
        assertThat(status(say("GET http://hub/actuator/loggers " + known))).isEqualTo(200);
        assertThat(say("POST /webhooks/generic/" + ID + " " + known)).contains("no enabled generic channel");
        assertThat(say("POST /webchat/" + ID + "/sessions " + known)).contains("no enabled webchat channel");
    }

    private static List<String> spellings(String path) {
        String first = path.substring(1, 2);
        String escaped = "%%%02x".formatted((int) first.charAt(0));
        String rest = path.substring(2);
        int second = path.indexOf('/', 1);
        String folder = path.substring(0, second);
        String below = path.substring(second);
        return List.of(
                "/" + escaped + rest,
                "/" + escaped.toUpperCase(Locale.ROOT) + rest,
                "/%25" + escaped.substring(1) + rest,
                "//" + path.substring(1),
                "/." + path,
                "/x/.." + path,
                "/%2e" + path,
                "/x/%2e%2e" + path,
                "/%2f" + path.substring(1),
                "/;" + path,
                folder + ";a=b" + below,
                folder + "/" + below,
                folder + "/." + below,
                folder + "%2f" + below.substring(1),
                folder + "/x/.." + below,
                path + ";jsessionid=1",
                path + "/.",
                path + "%20",
                path + "%00",
                path + "\\",
                "/" + first.toUpperCase(Locale.ROOT) + rest,
                path.toUpperCase(Locale.ROOT));
    }

    @Test
    void protectsEveryAnswerFromGuessesAndCopies() throws Exception {
        for (String path : Arrays.asList(
                "/webhooks/generic/" + UUID.randomUUID(),
                "/webhooks/nothing",
                "/api/health",
                "/api/tenants",
                "/actuator/health/liveness",
                "/webchat/" + ID + "/widget.js",
                "/nothing",
                "/a%zz")) {
            for (String method : List.of("GET", "POST")) {
                String answer = say(method + " " + path + " HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n");

                assertThat(answer.toLowerCase(Locale.ROOT))
                        .as(method + " " + path)
                        .contains("x-content-type-options: nosniff")
                        .contains("cache-control: ")
                        .contains("no-store")
                        .doesNotContain("\r\nserver:");
            }
        }
    }

    private String say(String request) throws IOException {
        try (RawClient client = new RawClient(port)) {
            return client.say(request).hear(AT_LAST);
        }
    }

    private void assertProblem(String answer) throws IOException {
        int status = status(answer);
        assertThat(status).as(answer).isBetween(400, 599).isNotEqualTo(500);
        assertThat(answer)
                .doesNotContain("<html")
                .doesNotContain("Tomcat")
                .doesNotContain("Exception")
                .containsIgnoringCase("Content-Type: application/problem+json")
                .containsIgnoringCase("X-Content-Type-Options: nosniff");
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        JsonNode problem = json.readTree(body.substring(body.indexOf('{'), body.lastIndexOf('}') + 1));
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("detail").asText()).isNotEmpty();
    }

    private static int status(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 ");
        return Integer.parseInt(answer.substring(9, 12));
    }
}
