package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.HubIT;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A claim looks at the rows that it is about, and not at what else is pending. */
class ClaimDeliveriesIT extends HubIT {

    private static final int BACKLOG = 3000;

    @Autowired
    ClaimDeliveries claimDeliveries;

    @Autowired
    DeliverWebhook deliverWebhook;

    @Autowired
    CamelContext camel;

    @Test
    void looksAtNoOtherRowsThanThoseThatWereWoken() throws Exception {
        UUID tenant = newTenant();
        UUID webhook = webhook(tenant, false);

        transactions.run(tenant, jdbc -> {
            List<UUID> ids = backlog(jdbc, tenant, webhook);
            List<UUID> woken = ids.subList(100, 105);
            long before = looked(jdbc);

            List<ClaimDeliveries.Row> claimed = claimDeliveries.woken(jdbc, woken, List.of());

            assertThat(looked(jdbc) - before).isLessThan(100);
            assertThat(claimed).extracting(ClaimDeliveries.Row::id).containsExactlyInAnyOrderElementsOf(woken);
            assertThat(claimed).allSatisfy(row -> assertThat(row.isMoreParked()).isTrue());
            forget(jdbc);
        });
    }

    @Test
    void takesTheOldestThatWaitAndNoMoreThanThereArePlaces() throws Exception {
        UUID tenant = newTenant();
        UUID webhook = webhook(tenant, false);
        UUID other = webhook(tenant, false);

        transactions.run(tenant, jdbc -> {
            List<UUID> ids = backlog(jdbc, tenant, webhook);
            List<UUID> others = backlog(jdbc, tenant, other);
            long before = looked(jdbc);

            List<ClaimDeliveries.Row> claimed = claimDeliveries.parked(jdbc, Map.of(webhook, 3, other, 2));

            assertThat(looked(jdbc) - before).isLessThan(100);
            assertThat(claimed)
                    .extracting(ClaimDeliveries.Row::id)
                    .containsExactlyInAnyOrder(ids.get(0), ids.get(1), ids.get(2), others.get(0), others.get(1));
            assertThat(jdbc.sql(
                                    "select count(*) from webhook_deliveries where lease_owner is not null and attempt_count = 1")
                            .query(Integer.class)
                            .single())
                    .isEqualTo(5);
            forget(jdbc);
        });
    }

    @Test
    void takesOnlyTheFirstOfAnOrderedEndpoint() throws Exception {
        UUID tenant = newTenant();
        UUID webhook = webhook(tenant, true);

        transactions.run(tenant, jdbc -> {
            List<UUID> ids = backlog(jdbc, tenant, webhook);

            assertThat(claimDeliveries.parked(jdbc, Map.of(webhook, 5)))
                    .extracting(ClaimDeliveries.Row::id)
                    .containsExactly(ids.getFirst());
            forget(jdbc);
        });
    }

    @Test
    void leavesToTheirHubWhatAnotherHasClaimed() throws Exception {
        UUID tenant = newTenant();
        UUID webhook = webhook(tenant, false);
        UUID another = ids.next();

        transactions.run(tenant, jdbc -> {
            List<UUID> rows = backlog(jdbc, tenant, webhook);
            jdbc.sql("insert into instances (id, host, pid) values (?, 'another', 1)")
                    .param(another)
                    .update();
            jdbc.sql("update webhook_deliveries set lease_owner = ? where id = ?")
                    .params(another, rows.getFirst())
                    .update();

            assertThat(claimDeliveries.woken(jdbc, rows.subList(0, 2), List.of()))
                    .extracting(ClaimDeliveries.Row::id)
                    .containsExactly(rows.get(1));
            jdbc.sql("delete from instances where id = ?").param(another).update();
            forget(jdbc);
        });
    }

    @Test
    void givesUpWhatFiveHubsDiedOfAndDoesItAgainWhenAsked() throws Exception {
        UUID tenant = newTenant();
        UUID webhook = webhook(tenant, true);
        UUID deadly = transactions.in(tenant, jdbc -> {
            UUID first = backlog(jdbc, tenant, webhook).getFirst();
            jdbc.sql("delete from webhook_deliveries where id <> ?")
                    .param(first)
                    .update();
            return first;
        });
        for (int death = 1; death <= 5; death++) {
            assertThat(claim(tenant, deadly)).as("attempt " + death).isTrue();
            set(tenant, "lease_owner = '" + anotherHub(11) + "'");
        }

        assertThat(claim(tenant, deadly)).isFalse();

        JsonNode delivery = call("GET", "/api/tenants/" + tenant + "/webhooks/" + webhook + "/deliveries", null)
                .body()
                .at("/items/0");
        assertThat(delivery.get("status").asText()).isEqualTo("failed");
        assertThat(delivery.at("/attempts/0/error").asText()).contains("5 times");
        JsonNode letter = call("GET", "/api/dead-letters?routeId=webhook-deliver&tenantId=" + tenant, null)
                .body()
                .at("/items/0");
        assertThat(letter.get("payload").asText()).isEqualTo("{}");
        call("POST", "/api/dead-letters/" + letter.get("id").asText() + "/replay", null);
        assertThat(transactions.<Integer>in(tenant, jdbc -> jdbc.sql("select deaths from webhook_deliveries")
                        .query(Integer.class)
                        .single()))
                .isZero();
    }

    private boolean claim(UUID tenant, UUID delivery) {
        Exchange exchange = ExchangeBuilder.anExchange(camel).build();
        try {
            return deliverWebhook.claim(new WakeUp(tenant, delivery).toString(), exchange);
        } finally {
            end(exchange);
        }
    }

    private void set(UUID tenant, String columns) {
        transactions.run(tenant, jdbc -> jdbc.sql("update webhook_deliveries set " + columns)
                .update());
    }

    private UUID webhook(UUID tenant, boolean isOrdered) throws Exception {
        Answer made = call(
                "POST",
                "/api/tenants/" + tenant + "/webhooks",
                Map.of("url", "http://127.0.0.1:9/", "events", List.of("budget.exceeded"), "ordered", isOrdered));
        return UUID.fromString(made.body().get("id").asText());
    }

    /** Parked deliveries, oldest first; not committed, so that the hub sees none of them. */
    private List<UUID> backlog(JdbcClient jdbc, UUID tenant, UUID webhook) {
        List<UUID> events = Stream.generate(ids::next).limit(BACKLOG).toList();
        List<UUID> deliveries = Stream.generate(ids::next).limit(BACKLOG).toList();
        jdbc.sql(
                        "insert into events (id, tenant_id, type, body) select id, ?, 'budget.exceeded', '{}' from unnest(?) as e (id)")
                .param(tenant)
                .param(SqlArray.of("uuid", events))
                .update();
        jdbc.sql("""
                insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at)
                  select d.id, ?, ?, d.event_id, 'budget.exceeded', now() from unnest(?, ?) as d (id, event_id)""")
                .param(tenant)
                .param(webhook)
                .param(SqlArray.of("uuid", deliveries))
                .param(SqlArray.of("uuid", events))
                .update();
        return deliveries;
    }

    private static void forget(JdbcClient jdbc) {
        jdbc.sql("delete from webhook_deliveries").update();
    }

    /** How many rows of the table this transaction has found by an index so far. */
    private static long looked(JdbcClient jdbc) {
        return jdbc.sql("select idx_tup_fetch from pg_stat_xact_user_tables where relname = 'webhook_deliveries'")
                .query(Long.class)
                .single();
    }
}
