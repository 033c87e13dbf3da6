package org.caravanserai.administration;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads deliveries and makes them due again. A replay is the same delivery once more: same id, same bytes. */
@Component
class DeliveryRows {

    private static final String QUEUE = "webhook-deliver";
    private static final int BATCH = 2_000;
    private static final int WOKEN_AT_ONCE = 200;
    private static final int ATTEMPTS_SHOWN = 50;

    private final TenantTransactions transactions;
    private final Events events;
    private final Wake wake;
    private final Ids ids;

    private record Row(UUID id, UUID eventId, String eventType, String status, Timestamp dueAt) {}

    private record AttemptRow(UUID deliveryId, DeliveryView.Attempt attempt) {}

    /**
     * Which deliveries a bulk replay takes.
     *
     * @param from when the delivery was made, inclusive
     * @param to exclusive
     * @param status delivered or failed; null takes both
     */
    record Range(Instant from, Instant to, String status) {}

    DeliveryRows(TenantTransactions transactions, Events events, Wake wake, Ids ids) {
        this.transactions = transactions;
        this.events = events;
        this.wake = wake;
        this.ids = ids;
    }

    /** Newest first; up to one more than a page. */
    List<DeliveryView> list(UUID tenantId, UUID webhookId, PageRequest page) {
        return transactions.in(tenantId, jdbc -> {
            requireWebhook(jdbc, webhookId);
            List<Row> rows = jdbc.sql("""
                            select id, event_id, event_type, status, due_at from webhook_deliveries
                              where webhook_id = ? and (?::uuid is null or id < ?::uuid) order by id desc limit ?""")
                    .params(webhookId, page.afterId(), page.afterId(), page.limit() + 1)
                    .query(Row.class)
                    .list();
            return views(jdbc, rows);
        });
    }

    /** Sends the event {@code webhook.test} to this webhook alone. */
    DeliveryView test(UUID tenantId, UUID webhookId) {
        UUID id = ids.next();
        DeliveryView view = transactions.in(tenantId, jdbc -> {
            requireEnabled(jdbc, webhookId);
            UUID event = events.append(jdbc, tenantId, "webhook.test", null, Map.of("webhookId", webhookId));
            jdbc.sql("update events set due_at = null, next_wake_at = null where id = ?")
                    .param(event)
                    .update();
            jdbc.sql("""
                    insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at, next_wake_at)
                      values (?, ?, ?, ?, 'webhook.test', now(), now() + interval '10 seconds')""").params(id, tenantId, webhookId, event).update();
            return find(jdbc, webhookId, id);
        });
        wake.up(QUEUE, tenantId, id);
        return view;
    }

    /** Makes one delivery due again. One that is being made right now is left to itself. */
    DeliveryView replay(UUID tenantId, UUID webhookId, UUID id) {
        DeliveryView view = transactions.in(tenantId, jdbc -> {
            requireEnabled(jdbc, webhookId);
            jdbc.sql("""
                    update webhook_deliveries set status = 'pending', attempt_count = 0, due_at = now(),
                        next_wake_at = now() + interval '10 seconds', lease_owner = null
                      where id = ? and webhook_id = ? and (status <> 'pending' or lease_owner is null)""").params(id, webhookId).update();
            return find(jdbc, webhookId, id);
        });
        wake.up(QUEUE, tenantId, id);
        return view;
    }

    /** Makes all of a range due again, batch by batch. Gives back how many. */
    int replay(UUID tenantId, UUID webhookId, Range range) {
        transactions.run(tenantId, jdbc -> requireEnabled(jdbc, webhookId));
        UUID last = null;
        int count = 0;
        List<UUID> batch;
        do {
            UUID after = last;
            batch = transactions.in(tenantId, jdbc -> replayBatch(jdbc, webhookId, range, after));
            batch.stream()
                    .limit(Math.max(0, WOKEN_AT_ONCE - count))
                    .forEach(id -> wake.up(QUEUE, tenantId, id)); // the sweep wakes the rest
            count += batch.size();
            last = batch.isEmpty() ? last : batch.getLast();
        } while (batch.size() == BATCH);
        return count;
    }

    private static List<UUID> replayBatch(JdbcClient jdbc, UUID webhookId, Range range, UUID after) {
        List<UUID> batch = jdbc.sql("""
                        select id from webhook_deliveries
                          where webhook_id = :webhook and status <> 'pending' and created_at >= :from and created_at < :to
                            and (:status::text is null or status = :status) and (:after::uuid is null or id > :after::uuid)
                          order by id limit :limit for update""")
                .param("webhook", webhookId)
                .param("from", Timestamp.from(range.from))
                .param("to", Timestamp.from(range.to))
                .param("status", range.status)
                .param("after", after)
                .param("limit", BATCH)
                .query(UUID.class)
                .list();
        jdbc.sql("""
                update webhook_deliveries set status = 'pending', attempt_count = 0, due_at = now(),
                    next_wake_at = now() + interval '10 seconds', lease_owner = null where id = any (?)""").param(SqlArray.of("uuid", batch)).update();
        return batch;
    }

    private static DeliveryView find(JdbcClient jdbc, UUID webhookId, UUID id) {
        List<Row> rows = jdbc.sql("""
                        select id, event_id, event_type, status, due_at from webhook_deliveries
                          where id = ? and webhook_id = ?""").params(id, webhookId).query(Row.class).list();
        if (rows.isEmpty()) {
            throw RejectedException.notFound("The delivery");
        }
        return views(jdbc, rows).getFirst();
    }

    private static List<DeliveryView> views(JdbcClient jdbc, List<Row> rows) {
        Map<UUID, List<DeliveryView.Attempt>> attempts = new HashMap<>();
        jdbc.sql("""
                select delivery_id, at, status, duration_ms, error, response from (
                  select *, row_number() over (partition by delivery_id order by id desc) as newest
                    from webhook_attempts where delivery_id = any (?)) numbered
                  where newest <= ? order by id""")
                .param(SqlArray.of("uuid", rows.stream().map(Row::id).toList()))
                .param(ATTEMPTS_SHOWN)
                .query((row, n) -> new AttemptRow(
                        row.getObject("delivery_id", UUID.class),
                        new DeliveryView.Attempt(
                                row.getTimestamp("at").toInstant(),
                                row.getObject("status", Integer.class),
                                row.getLong("duration_ms"),
                                row.getString("error"),
                                row.getString("response"))))
                .list()
                .forEach(row -> attempts.computeIfAbsent(row.deliveryId, id -> new ArrayList<>())
                        .add(row.attempt));
        return rows.stream()
                .map(row -> new DeliveryView(
                        row.id,
                        row.eventId,
                        row.eventType,
                        row.status,
                        attempts.getOrDefault(row.id, List.of()),
                        row.dueAt == null ? null : row.dueAt.toInstant()))
                .toList();
    }

    private static void requireWebhook(JdbcClient jdbc, UUID webhookId) {
        isEnabled(jdbc, webhookId);
    }

    private static void requireEnabled(JdbcClient jdbc, UUID webhookId) {
        if (!isEnabled(jdbc, webhookId)) {
            throw new RejectedException(
                    409, "The webhook is disabled. Enable it first: PUT it with \"enabled\": true.");
        }
    }

    private static boolean isEnabled(JdbcClient jdbc, UUID webhookId) {
        return jdbc.sql("select enabled from webhooks where id = ?")
                .param(webhookId)
                .query(Boolean.class)
                .optional()
                .orElseThrow(WebhookRows::notFound);
    }
}
