package org.caravanserai.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.caravanserai.HubIT;
import org.caravanserai.standin.RawClient;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** Strangers who hold connections; meanwhile a system that signs has its events accepted, and the hub says that it lives. */
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/slow",
            "hub.connections.max=600",
            "hub.connections.max-per-address=200",
            "hub.connections.head-timeout=3s",
            "hub.connections.patience=3s"
        })
class SlowConnectionsIT extends HubIT {

    /** Well above the second and the two that are promised: other tests have the processors, too. */
    private static final Duration ACCEPTED_WITHIN = Duration.ofSeconds(4);

    private static final Duration LIVES_WITHIN = Duration.ofSeconds(5);
    private static final Duration CUT_WITHIN = Duration.ofSeconds(8);

    private final List<Closeable> open = new ArrayList<>();
    private URI door;
    private String secret;
    private int sent;

    @BeforeEach
    void openADoor() throws Exception {
        JsonNode channel = call(
                        "POST",
                        "/api/tenants/" + newTenant() + "/channels",
                        Map.of("type", "generic", "name", "Shop", "config", Map.of("replyUrl", "http://127.0.0.1:1/")))
                .body();
        door = URI.create("http://127.0.0.1:" + port
                + URI.create(channel.get("webhookUrl").asText()).getPath());
        secret = channel.at("/config/secret").asText();
        assertThat(post()).isEqualTo(200); // what is done once is done
    }

    @AfterEach
    void hangUp() throws IOException {
        for (Closeable connection : open) {
            connection.close();
        }
    }

    @Test
    void cutsAHeadThatTrickles() throws Exception {
        RawClient slow = client("127.0.0.1").say("POST " + door.getPath() + " HTTP/1.1\r\nHost: hub\r\nX: ");

        await().pollInterval(Duration.ofMillis(500)).atMost(CUT_WITHIN).until(() -> !slow.tryToSay("a"));
    }

    @Test
    void cutsWhoSaysNothing() throws Exception {
        assertThat(client("127.0.0.1").isCutWithin(CUT_WITHIN)).isTrue();
    }

    /** Between two requests Tomcat takes line breaks, and waits anew after each. */
    @Test
    void cutsWhoSendsLineBreaksForEver() throws Exception {
        RawClient idle = client("127.0.0.1").say("GET /api/health HTTP/1.1\r\nHost: hub\r\n\r\n");
        assertThat(idle.hear(Duration.ofMillis(500))).startsWith("HTTP/1.1 200");

        await().pollInterval(Duration.ofMillis(500)).atMost(CUT_WITHIN).until(() -> !idle.tryToSay("\r\n"));
    }

    @Test
    void answers408ToABodyThatTricklesAnywhere() throws Exception {
        for (String path : List.of(door.getPath(), "/api/tenants")) {
            RawClient slow = client("127.0.0.1")
                    .say("POST " + path + " HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer " + ADMIN_KEY
                            + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n" + signatures()
                            + "\r\n{");
            StringBuilder answer = new StringBuilder();

            await().pollInterval(Duration.ofMillis(500)).atMost(CUT_WITHIN).until(() -> {
                slow.say(" ");
                return !answer.append(slow.hear(Duration.ofMillis(50))).isEmpty();
            });

            assertThat(answer.toString()).as(path).startsWith("HTTP/1.1 408").contains("application/problem+json");
        }
    }

    /** It was refused without its body; the rest of it is read so that its sender sees that. */
    @Test
    void cutsTheRestOfWhatWasRefused() throws Exception {
        RawClient slow = client("127.0.0.1")
                .say(
                        "POST /api/tenants HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{");

        await().pollInterval(Duration.ofMillis(300)).atMost(CUT_WITHIN).untilAsserted(() -> {
            slow.say(" ");
            slow.say(" ");
        });
        await().pollInterval(Duration.ofMillis(300))
                .atMost(CUT_WITHIN)
                .until(() -> !slow.tryToSay(" ") && !slow.tryToSay(" "));
    }

    @Test
    void cutsWhoDoesNotReadItsAnswers() throws Exception {
        RawClient deaf = client("127.0.0.1");
        String asks = "GET /api/openapi.json HTTP/1.1\r\nHost: hub\r\n\r\n";

        await().pollInterval(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    try {
                        deaf.say(asks.repeat(20));
                        return false;
                    } catch (IOException cut) {
                        return true;
                    }
                });
    }

    @Test
    void lets200SlowConnectionsOfOneAddressWaitForThemselves() throws Exception {
        assertOthersAreServedWhile(() -> heads(200, i -> "127.0.0.2"));
        assertOthersAreServedWhile(() -> bodies(200, i -> "127.0.0.2"));
    }

    @Test
    void makesRoomWhere2000SlowConnectionsComeFromOneAddress() throws Exception {
        assertOthersAreServedWhile(() -> bodies(2000, i -> "127.0.0.1")); // the very one of who signs
    }

    @Test
    void makesRoomWhere2000SlowConnectionsComeFromManyAddresses() throws Exception {
        assertOthersAreServedWhile(() -> heads(2000, i -> "127.0.1." + (i % 200 + 1)));
    }

    /** Each announced 4 MiB, and all memory for bodies was taken. */
    @Test
    void keepsDoorsOpenFor16BodiesThatAnnounceMuch() throws Exception {
        for (int i = 0; i < 16; i++) {
            client("127.0.0.1")
                    .say("POST /webhooks/whatsapp/" + UUID.randomUUID()
                            + " HTTP/1.1\r\nHost: hub\r\nContent-Length: 4194304\r\nX-Hub-Signature-256: sha256="
                            + "0".repeat(64) + "\r\n\r\n{");
            client("127.0.0.1")
                    .say("POST " + door.getPath() + " HTTP/1.1\r\nHost: hub\r\nContent-Length: 1048576\r\n"
                            + signatures() + "\r\n{");
        }

        assertIsServed();
    }

    /** Opens connections, then sees for a while that others are served, while each says a byte now and then. */
    private void assertOthersAreServedWhile(Opening opening) throws Exception {
        List<RawClient> slow = opening.open();
        for (int round = 0; round < 3; round++) {
            for (int i = round; i < slow.size(); i += 10) {
                slow.get(i).tryToSay("a");
            }
            assertIsServed();
        }
        hangUp();
        open.clear();
    }

    private void assertIsServed() throws Exception {
        Instant began = Instant.now();
        assertThat(post()).isEqualTo(200);
        assertThat(Duration.between(began, Instant.now())).isLessThan(ACCEPTED_WITHIN);
        began = Instant.now();
        assertThat(call("GET", "/actuator/health/liveness", null).status()).isEqualTo(200);
        assertThat(Duration.between(began, Instant.now())).isLessThan(LIVES_WITHIN);
    }

    @FunctionalInterface
    private interface Opening {
        List<RawClient> open() throws Exception;
    }

    private List<RawClient> heads(int number, IntFunction<String> from) {
        return slow(number, from, "POST " + door.getPath() + " HTTP/1.1\r\nHost: hub\r\nX: ");
    }

    private List<RawClient> bodies(int number, IntFunction<String> from) {
        return slow(
                number,
                from,
                "POST " + door.getPath() + " HTTP/1.1\r\nHost: hub\r\nContent-Length: 1000000\r\n" + signatures()
                        + "\r\n{");
    }

    private List<RawClient> slow(int number, IntFunction<String> from, String beginning) {
        return IntStream.range(0, number)
                .mapToObj(i -> {
                    try {
                        RawClient client = client(from.apply(i));
                        client.tryToSay(beginning);
                        return client;
                    } catch (IOException refused) {
                        throw new UncheckedIOException(refused);
                    }
                })
                .toList();
    }

    private RawClient client(String from) throws IOException {
        RawClient client = new RawClient(port, from);
        open.add(client);
        return client;
    }

    private static String signatures() {
        return "webhook-id: a\r\nwebhook-timestamp: " + Instant.now().getEpochSecond() + "\r\nwebhook-signature: v1,"
                + "A".repeat(43) + "=\r\n";
    }

    private int post() throws Exception {
        String id = "m-" + sent++;
        byte[] body = ("{\"id\":\"" + id + "\",\"contact\":{\"address\":\"a\"},\"text\":\"Hello\"}")
                .getBytes(StandardCharsets.UTF_8);
        Instant now = Instant.now();
        HttpRequest request = HttpRequest.newBuilder(door)
                .header("webhook-id", id)
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header("webhook-signature", StandardWebhooks.sign(List.of(secret), id, now, body))
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }
}
