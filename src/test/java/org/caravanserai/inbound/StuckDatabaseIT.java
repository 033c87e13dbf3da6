package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.caravanserai.HubIT;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A door whose events cannot be made durable for a while, since somebody holds the inbox locked. */
class StuckDatabaseIT extends HubIT {

    private static final int POSTS = 40;

    private UUID tenant;
    private URI door;
    private String secret;

    @BeforeEach
    void openADoor() throws Exception {
        tenant = newTenant();
        JsonNode channel = call(
                        "POST",
                        "/api/tenants/" + tenant + "/channels",
                        Map.of("type", "generic", "name", "Shop", "config", Map.of("replyUrl", "http://127.0.0.1:1/")))
                .body();
        door = URI.create("http://127.0.0.1:" + port
                + URI.create(channel.get("webhookUrl").asText()).getPath());
        secret = channel.at("/config/secret").asText();
    }

    @Test
    void asksForEachEventAgainInTimeAndStoresItOnce() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<Void> held = lockInbox(release);
        List<HttpResponse<String>> refused;
        Instant began = Instant.now();
        try {
            refused = postAll();
        } finally {
            release.countDown();
        }
        Duration took = Duration.between(began, Instant.now());
        held.get(20, TimeUnit.SECONDS);

        List<HttpResponse<String>> accepted = postAll();

        assertThat(refused).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        });
        assertThat(took).isLessThan(Duration.ofSeconds(6)); // the 2 s of the guarantee, and a busy machine
        assertThat(accepted)
                .allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(200));
        await().atMost(Duration.ofSeconds(30)).until(() -> messages() == POSTS);
        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(10)).until(() -> messages() == POSTS);
    }

    private CompletableFuture<Void> lockInbox(CountDownLatch release) throws InterruptedException {
        CountDownLatch locked = new CountDownLatch(1);
        // on a thread of its own: the client's answers come by the pool that is the default
        CompletableFuture<Void> held = CompletableFuture.supplyAsync(
                () -> transactions.acrossTenants(jdbc -> {
                    jdbc.sql("lock table inbox in exclusive mode").update();
                    locked.countDown();
                    await().pollInSameThread().atMost(Duration.ofSeconds(9)).until(() -> release.getCount() == 0);
                    return null;
                }),
                task -> Thread.ofVirtual().start(task));
        assertThat(locked.await(10, TimeUnit.SECONDS)).isTrue();
        return held;
    }

    /** All at once; the same ones each time. */
    private List<HttpResponse<String>> postAll() {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < POSTS; i++) {
            answers.add(http.sendAsync(signed("m-" + i), HttpResponse.BodyHandlers.ofString()));
        }
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private HttpRequest signed(String id) {
        byte[] body = ("{\"id\":\"" + id + "\",\"contact\":{\"address\":\"" + id + "\"},\"text\":\"Hello\"}")
                .getBytes(StandardCharsets.UTF_8);
        Instant now = Instant.now();
        return HttpRequest.newBuilder(door)
                .header("webhook-id", id)
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header("webhook-signature", StandardWebhooks.sign(List.of(secret), id, now, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private int messages() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from messages where direction = 'inbound'")
                .query(Integer.class)
                .single());
    }
}
