package org.caravanserai.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.caravanserai.HubIT;
import org.caravanserai.standin.StandInServer;
import org.caravanserai.wakeup.Wake;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A provider that fails, or hangs, then is well again. */
class FailingProviderIT extends HubIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int PLACES = 100;
    private static final int MORE_THAN_WORKERS = 550;

    @Autowired
    Wake wake;

    private static final class Provider extends StandInServer {

        final AtomicInteger status = new AtomicInteger(503);
        final AtomicInteger calls = new AtomicInteger();
        final List<String> taken = new CopyOnWriteArrayList<>();
        final AtomicInteger atOnce = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        volatile CountDownLatch gate = new CountDownLatch(0);
        volatile String retryAfter;

        @Override
        protected void handle(HttpExchange exchange) throws IOException {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            calls.incrementAndGet();
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            pass();
            atOnce.decrementAndGet();
            if (status.get() == 204) {
                taken.add(body);
            }
            if (retryAfter != null) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
            }
            answer(exchange, status.get(), new byte[0]);
        }

        private void pass() {
            try {
                assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void isSparedAndGetsEveryMessageOnceWhenItIsWellAgain() throws Exception {
        try (Provider provider = new Provider()) {
            UUID tenant = newTenant();
            UUID channel = channel(tenant, provider);
            for (int i = 0; i < 5; i++) {
                send(tenant, channel, 7); // the next attempt is the last
            }
            await().atMost(SOON).until(() -> count(tenant, "failed") == 5);

            List<UUID> spared = IntStream.range(0, 20)
                    .mapToObj(i -> send(tenant, channel, 8))
                    .toList();
            await().atMost(SOON).until(() -> refused(tenant) >= 20);

            assertThat(provider.calls).hasValue(5);
            assertThat(count(tenant, "pending")).isEqualTo(20);
            provider.status.set(204);
            transactions.run(tenant, jdbc -> jdbc.sql(
                            "update messages set attempts = 0, due_at = now(), next_wake_at = now() where status = 'pending'")
                    .update());
            await().atMost(SOON).until(() -> count(tenant, "sent") == spared.size());
            assertThat(provider.taken).hasSize(20).doesNotHaveDuplicates();
        }
    }

    @Test
    void isAskedOnWhenItRefusesSingleMessages() throws Exception {
        try (Provider provider = new Provider()) {
            provider.status.set(400);
            UUID tenant = newTenant();
            UUID channel = channel(tenant, provider);

            for (int i = 0; i < 12; i++) {
                send(tenant, channel, 0);
            }

            await().atMost(SOON).until(() -> count(tenant, "failed") == 12);
            assertThat(provider.calls).hasValue(12);
        }
    }

    @Test
    void leavesWorkersToOthersWhenItHangs() throws Exception {
        try (Provider hanging = new Provider();
                Provider fine = new Provider()) {
            hanging.gate = new CountDownLatch(1);
            hanging.status.set(204);
            fine.status.set(204);
            UUID slow = newTenant();
            UUID slowChannel = channel(slow, hanging);
            UUID quick = newTenant();
            UUID quickChannel = channel(quick, fine);
            IntStream.range(0, MORE_THAN_WORKERS).forEach(i -> send(slow, slowChannel, 0));
            await().atMost(SOON).until(() -> refused(slow) >= MORE_THAN_WORKERS - PLACES);

            IntStream.range(0, 5).forEach(i -> send(quick, quickChannel, 0));

            await().atMost(Duration.ofSeconds(5)).until(() -> count(quick, "sent") == 5);
            assertThat(hanging.most).hasValue(PLACES);
            hanging.gate.countDown();
            await().atMost(SOON).until(() -> count(slow, "sent") == MORE_THAN_WORKERS);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 2", "3, 20, 33", "6, 470, 721"})
    void isTriedAgainAfterLongerAndLongerWaits(int attempts, int atLeast, int atMost) throws Exception {
        try (Provider provider = new Provider()) {
            UUID tenant = newTenant();

            UUID message = send(tenant, channel(tenant, provider), attempts);

            assertThat(secondsUntilNext(tenant, message)).isBetween(atLeast, atMost);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1000, 940, 1000", "6, 20, 470, 721"})
    void isGivenTheTimeThatItAsksForWhereThatIsLonger(int attempts, String asked, int atLeast, int atMost)
            throws Exception {
        try (Provider provider = new Provider()) {
            provider.retryAfter = asked;
            UUID tenant = newTenant();

            UUID message = send(tenant, channel(tenant, provider), attempts);

            assertThat(secondsUntilNext(tenant, message)).isBetween(atLeast, atMost);
        }
    }

    private UUID channel(UUID tenant, Provider provider) throws Exception {
        Map<String, Object> config = Map.of("replyUrl", provider.uri().toString());
        Answer made = call(
                "POST",
                "/api/tenants/" + tenant + "/channels",
                Map.of("type", "generic", "name", "Site", "config", config));
        return UUID.fromString(made.body().get("id").asText());
    }

    /** A message in a conversation of its own. */
    private UUID send(UUID tenant, UUID channel, int attempts) {
        UUID message = ids.next();
        transactions.run(tenant, jdbc -> {
            UUID contact = ids.next();
            UUID conversation = ids.next();
            jdbc.sql("insert into contacts (id, tenant_id, channel_id, address) values (?, ?, ?, ?)")
                    .params(contact, tenant, channel, contact.toString())
                    .update();
            jdbc.sql("insert into conversations (id, tenant_id, channel_id, contact_id) values (?, ?, ?, ?)")
                    .params(conversation, tenant, channel, contact)
                    .update();
            jdbc.sql("""
                    insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                        status, attempts, due_at, next_wake_at)
                      values (?, ?, ?, ?, 1, 'outbound', 'system', 'text', 'Hello', 'pending', ?, now(), now())""")
                    .params(message, tenant, conversation, channel, attempts)
                    .update();
        });
        wake.up("outbound-dispatch", tenant, message);
        return message;
    }

    /** Once it was tried. */
    private int secondsUntilNext(UUID tenant, UUID message) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> hops(tenant, message)
                .contains("retry"));
        return transactions.in(
                tenant, jdbc -> jdbc.sql("select extract(epoch from due_at - now())::int from messages where id = ?")
                        .param(message)
                        .query(Integer.class)
                        .single());
    }

    private List<String> hops(UUID tenant, UUID message) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select outcome from timeline where message_id = ?")
                .param(message)
                .query(String.class)
                .list());
    }

    private int count(UUID tenant, String status) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from messages where status = ?")
                .param(status)
                .query(Integer.class)
                .single());
    }

    /** How many sends were not tried. */
    private int refused(UUID tenant) {
        return transactions.in(tenant, jdbc -> jdbc.sql(
                        "select count(*) from timeline where outcome = 'retry' and detail ->> 'cause' ~ 'spared|under way'")
                .query(Integer.class)
                .single());
    }
}
