package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.caravanserai.HubIT;
import org.caravanserai.standin.StandInServer;
import org.caravanserai.wakeup.Wake;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Endpoints that hang or fail, beside others. The hub has 500 workers for deliveries and 8 places an endpoint. */
class EndpointFairnessIT extends HubIT {

    private static final Duration SOON = Duration.ofSeconds(40);
    private static final int MORE_THAN_WORKERS = 600;

    @Autowired
    Wake wake;

    /** Notes how many requests it has at once. */
    private static final class Endpoint extends StandInServer {

        final AtomicInteger inFlight = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final AtomicInteger status = new AtomicInteger(204);
        final List<String> taken = new CopyOnWriteArrayList<>();
        final CountDownLatch gate;

        /** @param isShut whether requests hang until the gate is opened */
        Endpoint(boolean isShut) {
            this.gate = new CountDownLatch(isShut ? 1 : 0);
        }

        @Override
        protected void handle(HttpExchange exchange) throws IOException {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            try {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                gate.await(1, TimeUnit.MINUTES);
                int answer = status.get();
                if (answer / 100 == 2) {
                    taken.add(body);
                }
                inFlight.decrementAndGet();
                answer(exchange, answer, new byte[0]);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void anEndpointThatHangsDelaysNoOther() throws Exception {
        UUID tenant = newTenant();
        try (Endpoint hanging = new Endpoint(true);
                Endpoint healthy = new Endpoint(false)) {
            UUID stuck = webhook(tenant, hanging, false);
            UUID fine = webhook(tenant, healthy, false);

            deliveries(tenant, stuck, MORE_THAN_WORKERS).forEach(id -> wake.up("webhook-deliver", tenant, id));
            await().atMost(SOON).until(() -> parked(tenant) == MORE_THAN_WORKERS - 8);
            deliveries(tenant, fine, 20).forEach(id -> wake.up("webhook-deliver", tenant, id));

            await().atMost(Duration.ofSeconds(5)).until(() -> healthy.taken.size() == 20);
            assertThat(hanging.most).hasValue(8);
            hanging.gate.countDown();
            await().atMost(SOON).until(() -> pending(tenant) == 0);
            assertThat(hanging.taken).hasSize(MORE_THAN_WORKERS).doesNotHaveDuplicates();
            assertThat(hanging.most).hasValue(8);
        }
    }

    @Test
    void anEndpointThatFailsIsTriedOneAtATimeUntilItSucceeds() throws Exception {
        UUID tenant = newTenant();
        try (Endpoint failing = new Endpoint(false)) {
            failing.status.set(500);
            UUID webhook = webhook(tenant, failing, false);
            UUID first = deliveries(tenant, webhook, 1).getFirst();
            wake.up("webhook-deliver", tenant, first);
            await().atMost(SOON).until(() -> isFailing(tenant));
            failing.most.set(0);

            deliveries(tenant, webhook, 60).forEach(id -> wake.up("webhook-deliver", tenant, id));
            await().atMost(SOON).until(() -> attempts(tenant) > 60);

            assertThat(failing.most).hasValue(1);
            failing.status.set(204);
            await().atMost(SOON).until(() -> pending(tenant) == 0);
            assertThat(failing.taken).hasSize(61).doesNotHaveDuplicates();
            assertThat(isFailing(tenant)).isFalse();
        }
    }

    @Test
    void anOrderedEndpointGetsItsBacklogInOrderAlthoughTheFirstFailsOnce() throws Exception {
        UUID tenant = newTenant();
        try (Endpoint endpoint = new Endpoint(false)) {
            endpoint.status.set(503);
            UUID webhook = webhook(tenant, endpoint, true);
            List<UUID> shuffled = new ArrayList<>(deliveries(tenant, webhook, 60));
            Collections.shuffle(shuffled);

            shuffled.forEach(id -> wake.up("webhook-deliver", tenant, id));
            await().atMost(SOON).until(() -> attempts(tenant) == 1);
            endpoint.status.set(204);

            await().atMost(SOON).until(() -> pending(tenant) == 0);
            assertThat(endpoint.taken).hasSize(60).isSorted();
            assertThat(endpoint.most).hasValue(1);
        }
    }

    @Test
    void aParkedDeliveryWhoseWakeUpWasLostIsFound() throws Exception {
        UUID tenant = newTenant();
        try (Endpoint endpoint = new Endpoint(false)) {
            UUID webhook = webhook(tenant, endpoint, false);
            deliveries(tenant, webhook, 3);
            transactions.run(tenant, jdbc -> jdbc.sql("update webhook_deliveries set next_wake_at = null")
                    .update());

            await().atMost(SOON).until(() -> endpoint.taken.size() == 3);
        }
    }

    @Test
    void whatWaitsForAnEndpointThatIsDisabledHasFailed() throws Exception {
        UUID tenant = newTenant();
        try (Endpoint gone = new Endpoint(false)) {
            gone.status.set(410);
            UUID webhook = webhook(tenant, gone, false);

            deliveries(tenant, webhook, 100).forEach(id -> wake.up("webhook-deliver", tenant, id));

            await().atMost(SOON).until(() -> pending(tenant) == 0);
            assertThat(count(tenant, "webhook_deliveries where status = 'failed'"))
                    .isEqualTo(100);
            // those under way when it answered, and those claimed in that very moment
            assertThat(attempts(tenant)).isLessThan(20);
        }
    }

    private UUID webhook(UUID tenant, Endpoint endpoint, boolean isOrdered) throws Exception {
        Answer made = call(
                "POST",
                "/api/tenants/" + tenant + "/webhooks",
                Map.of("url", endpoint.uri().toString(), "events", List.of("budget.exceeded"), "ordered", isOrdered));
        return UUID.fromString(made.body().get("id").asText());
    }

    /** Due deliveries that nobody has woken; their bodies sort as their events. */
    private List<UUID> deliveries(UUID tenant, UUID webhook, int count) {
        List<UUID> made = new ArrayList<>();
        transactions.run(tenant, jdbc -> {
            for (int i = 0; i < count; i++) {
                made.add(delivery(jdbc, tenant, webhook));
            }
        });
        return made;
    }

    private UUID delivery(JdbcClient jdbc, UUID tenant, UUID webhook) {
        UUID event = ids.next();
        UUID id = ids.next();
        jdbc.sql("insert into events (id, tenant_id, type, body) values (?, ?, 'budget.exceeded', ?)")
                .params(event, tenant, "{\"id\":\"" + event + "\"}")
                .update();
        jdbc.sql("""
                insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at, next_wake_at)
                  values (?, ?, ?, ?, 'budget.exceeded', now(), now() + interval '1 hour')""").params(id, tenant, webhook, event).update();
        return id;
    }

    private int parked(UUID tenant) {
        return count(tenant, "webhook_deliveries where due_at is not null and next_wake_at is null");
    }

    private int pending(UUID tenant) {
        return count(tenant, "webhook_deliveries where status = 'pending'");
    }

    private int attempts(UUID tenant) {
        return count(tenant, "webhook_attempts");
    }

    private boolean isFailing(UUID tenant) {
        return count(tenant, "webhooks where failing_since is not null") == 1;
    }

    private int count(UUID tenant, String rows) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from " + rows)
                .query(Integer.class)
                .single());
    }
}
