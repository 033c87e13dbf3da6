package org.caravanserai.webhook;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What was, is and will be delivered to an endpoint, and how to have it delivered again. */
@Component
public class Deliveries {

    private static final String QUEUE = "webhook-deliver";
    private static final int ATTEMPTS_SHOWN = 50;

    /** Of a bulk replay. */
    private static final int REPLAYED_MAX = 10_000;

    /** So many of a bulk are woken at once; the sweep wakes the others, a few hundred at a time. */
    private static final int WOKEN_AT_ONCE = 200;

    private static final String AGAIN = """
            update webhook_deliveries set status = 'pending', attempt_count = 0, due_at = now(), lease_owner = null,
              next_wake_at = now() + interval '3 seconds' where\s""";

    private final TenantTransactions transactions;
    private final Ids ids;
    private final Events events;
    private final Wake wake;

    Deliveries(TenantTransactions transactions, Ids ids, Events events, Wake wake) {
        this.transactions = transactions;
        this.ids = ids;
        this.events = events;
        this.wake = wake;
    }

    /**
     * Newest first.
     *
     * @param before the last id of the page before, or null
     * @throws RejectedException 404 if the tenant has no such endpoint
     */
    public List<DeliveryView> list(UUID tenantId, UUID webhookId, UUID before, int limit) {
        return transactions.in(tenantId, jdbc -> {
            Webhooks.view(jdbc, webhookId);
            List<DeliveryView> found = jdbc.sql("""
                    select id, event_id, event_type, status, case when status = 'pending' then due_at end as due_at
                      from webhook_deliveries where webhook_id = ? and (?::uuid is null or id < ?::uuid)
                      order by id desc limit ?""")
                    .params(webhookId, before, before, limit)
                    .query((row, n) -> delivery(row))
                    .list();
            addAttempts(jdbc, found);
            return found;
        });
    }

    /**
     * Delivers the event {@code webhook.test} to this endpoint and no other.
     *
     * @return the delivery's id
     * @throws RejectedException 404 if the tenant has no such endpoint, 409 if it is disabled
     */
    public UUID sendTestEvent(UUID tenantId, UUID webhookId) {
        UUID id = ids.next();
        transactions.run(tenantId, jdbc -> {
            WebhookView webhook = enabled(jdbc, webhookId);
            UUID event = events.appendAside(jdbc, tenantId, "webhook.test", webhook);
            jdbc.sql("""
                    insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at, next_wake_at)
                      values (?, ?, ?, ?, 'webhook.test', now(), now() + interval '3 seconds')""")
                    .params(id, tenantId, webhookId, event)
                    .update();
        });
        wake.up(QUEUE, tenantId, id);
        return id;
    }

    /**
     * Makes one delivery due again, whatever became of it. If it is pending already, nothing changes.
     *
     * @throws RejectedException 404 if the endpoint has no such delivery, 409 if it is disabled
     */
    public void replay(UUID tenantId, UUID webhookId, UUID id) {
        int changed = transactions.in(tenantId, jdbc -> {
            enabled(jdbc, webhookId);
            jdbc.sql("select 1 from webhook_deliveries where id = ? and webhook_id = ?")
                    .params(id, webhookId)
                    .query(Integer.class)
                    .optional()
                    .orElseThrow(() -> RejectedException.notFound("The delivery"));
            return jdbc.sql(AGAIN + "id = ? and status <> 'pending'").param(id).update();
        });
        if (changed == 1) {
            wake.up(QUEUE, tenantId, id);
        }
    }

    /**
     * Makes the deliveries of a time range due again, oldest first and at most 10,000; asked for again, those that are
     * left follow.
     *
     * @param from when the delivery was made: not earlier
     * @param to earlier than this
     * @param status delivered or failed
     * @return how many
     * @throws RejectedException 404 if the tenant has no such endpoint, 409 if it is disabled
     */
    public int replay(UUID tenantId, UUID webhookId, Instant from, Instant to, String status) {
        List<UUID> due = transactions.in(tenantId, jdbc -> {
            enabled(jdbc, webhookId);
            return jdbc.sql(AGAIN + """
                    id in (select id from webhook_deliveries where webhook_id = ? and status = ? and created_at >= ?
                      and created_at < ? order by id limit ? for update skip locked) returning id""")
                    .params(webhookId, status, Timestamp.from(from), Timestamp.from(to), REPLAYED_MAX)
                    .query(UUID.class)
                    .list();
        });
        due.stream().sorted().limit(WOKEN_AT_ONCE).forEach(id -> wake.up(QUEUE, tenantId, id));
        return due.size();
    }

    /** To a disabled endpoint nothing is sent: what is made due for it would be given up at once. */
    private static WebhookView enabled(JdbcClient jdbc, UUID webhookId) {
        WebhookView webhook = Webhooks.view(jdbc, webhookId);
        if (!webhook.enabled()) {
            throw new RejectedException(409, "The webhook is disabled. Enable it first, by PUT.");
        }
        return webhook;
    }

    private static void addAttempts(JdbcClient jdbc, List<DeliveryView> deliveries) {
        Map<UUID, List<DeliveryView.Attempt>> byDelivery = new HashMap<>();
        deliveries.forEach(delivery -> byDelivery.put(delivery.id(), delivery.attempts()));
        jdbc.sql("""
                select delivery_id, at, status, duration_ms, error, response from (
                  select *, row_number() over (partition by delivery_id order by id desc) as nth from webhook_attempts
                    where delivery_id = any (?)) numbered
                  where nth <= ? order by id""")
                .param(SqlArray.of("uuid", byDelivery.keySet()))
                .param(ATTEMPTS_SHOWN)
                .query(row -> {
                    byDelivery.get(row.getObject("delivery_id", UUID.class)).add(attempt(row));
                });
    }

    private static DeliveryView delivery(ResultSet row) throws SQLException {
        return new DeliveryView(
                row.getObject("id", UUID.class),
                row.getObject("event_id", UUID.class),
                row.getString("event_type"),
                row.getString("status"),
                new ArrayList<>(),
                Optional.ofNullable(row.getTimestamp("due_at"))
                        .map(Timestamp::toInstant)
                        .orElse(null));
    }

    private static DeliveryView.Attempt attempt(ResultSet row) throws SQLException {
        return new DeliveryView.Attempt(
                row.getTimestamp("at").toInstant(),
                row.getObject("status", Integer.class),
                row.getLong("duration_ms"),
                row.getString("error"),
                row.getString("response"));
    }
}
