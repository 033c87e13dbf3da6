package org.caravanserai.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.caravanserai.HubIT;
import org.caravanserai.standin.RawClient;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** Strangers who send without a pause; meanwhile a system that signs has its events accepted, and the hub says that it lives. */
@TestPropertySource(properties = "hub.home=target/it-home/${fork:1}/floods")
class FloodsIT extends HubIT {

    private static final int SENDERS = 4;
    private static final int ROUNDS = 5;
    /** Well above the second and the two that are promised: other tests have the processors, too. */
    private static final Duration ACCEPTED_WITHIN = Duration.ofSeconds(4);

    private static final Duration LIVES_WITHIN = Duration.ofSeconds(5);

    private UUID tenant;
    private URI door;
    private String secret;
    private int sent;

    @BeforeEach
    void openADoor() throws Exception {
        tenant = newTenant();
        JsonNode channel = channel("generic", Map.of("replyUrl", "http://127.0.0.1:1/"));
        door = URI.create("http://127.0.0.1:" + port
                + URI.create(channel.get("webhookUrl").asText()).getPath());
        secret = channel.at("/config/secret").asText();
        assertThat(post()).isEqualTo(200); // what is done once is done
    }

    @Test
    void leavesPlacesToOthersWhileForgeriesPourIn() throws Exception {
        byte[] body = "{\"id\":\"forged\",\"contact\":{\"address\":\"a\"},\"text\":\"Hello\"}"
                .repeat(100)
                .getBytes(StandardCharsets.UTF_8);
        String head = "POST " + door.getPath() + " HTTP/1.1\r\nHost: hub\r\nContent-Length: " + body.length
                + "\r\nwebhook-id: a\r\nwebhook-timestamp: " + Instant.now().getEpochSecond()
                + "\r\nwebhook-signature: v1," + "A".repeat(43) + "=\r\n\r\n";

        assertOthersAreServedDuring(
                sender -> new RawClient(port, "127.0.0.2"),
                client -> client.say(head).say(body).hear(Duration.ofMillis(5)));
    }

    @Test
    void leavesTheProcessorToOthersWhilePingsPourIn() throws Exception {
        byte[] pings = frames((byte) 0x89, 2000);

        assertOthersAreServedDuring(this::socket, client -> client.say(pings));
    }

    /** Each is a further part of a message that never ends, and empty: no bound of a message's length is ever reached. */
    @Test
    void leavesTheProcessorToOthersWhileEmptyPartsPourIn() throws Exception {
        byte[] parts = frames((byte) 0x00, 2000);

        assertOthersAreServedDuring(sender -> socket(sender).say(frames((byte) 0x01, 1)), client -> client.say(parts));
    }

    @FunctionalInterface
    private interface Opening {
        RawClient open(int sender) throws Exception;
    }

    @FunctionalInterface
    private interface Saying {
        void say(RawClient client) throws IOException;
    }

    private void assertOthersAreServedDuring(Opening opening, Saying saying) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong said = new AtomicLong();
        CountDownLatch pouring = new CountDownLatch(SENDERS);
        IntConsumer flood = sender -> {
            while (!isOver.get()) {
                try (RawClient client = opening.open(sender)) {
                    while (!isOver.get()) {
                        saying.say(client);
                        said.incrementAndGet();
                        pouring.countDown();
                    }
                } catch (Exception cut) {
                    pouring.countDown(); // then it comes anew
                }
            }
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(SENDERS)) {
            for (int i = 0; i < SENDERS; i++) {
                int sender = i;
                threads.execute(() -> flood.accept(sender));
            }
            try {
                assertThat(pouring.await(20, TimeUnit.SECONDS)).isTrue();
                for (int round = 0; round < ROUNDS; round++) {
                    assertIsServed();
                }
            } finally {
                isOver.set(true);
            }
        }
        assertThat(said).hasPositiveValue();
    }

    private void assertIsServed() throws Exception {
        Instant began = Instant.now();
        assertThat(post()).isEqualTo(200);
        assertThat(Duration.between(began, Instant.now())).isLessThan(ACCEPTED_WITHIN);
        began = Instant.now();
        assertThat(call("GET", "/actuator/health/liveness", null).status()).isEqualTo(200);
        assertThat(Duration.between(began, Instant.now())).isLessThan(LIVES_WITHIN);
    }

    /** An opened socket of a visitor's. */
    private RawClient socket(int sender) throws Exception {
        String chat = "/webchat/"
                + channel("webchat", Map.of("allowedOrigins", List.of("*")))
                        .get("id")
                        .asText();
        HttpRequest session = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + chat + "/sessions"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        String token = json.readTree(
                        http.send(session, HttpResponse.BodyHandlers.ofString()).body())
                .get("token")
                .asText();
        RawClient client = new RawClient(port, "127.0.0." + (2 + sender));
        client.say("GET " + chat + "/socket HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://a.example\r\n"
                + "Sec-WebSocket-Protocol: caravanserai.webchat.v1, " + token + "\r\n\r\n");
        assertThat(client.hear(Duration.ofMillis(700))).contains("101").contains("ready");
        return client;
    }

    /** Masked frames without content. */
    private static byte[] frames(byte first, int number) {
        byte[] frames = new byte[6 * number];
        for (int i = 0; i < number; i++) {
            frames[6 * i] = first;
            frames[6 * i + 1] = (byte) 0x80;
        }
        return frames;
    }

    private JsonNode channel(String type, Map<String, Object> config) throws Exception {
        return call(
                        "POST",
                        "/api/tenants/" + tenant + "/channels",
                        Map.of("type", type, "name", "Shop", "config", config))
                .body();
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
