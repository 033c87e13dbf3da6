package org.caravanserai.administration;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

    /** Deliveries with their attempts in one statement: read by two, a delivery could change between them. */
    private static final String WITH_ATTEMPTS = """
            select d.id, d.event_id, d.event_type, d.status, d.due_at,
                a.at, a.status as answered, a.duration_ms, a.error, a.response
              from (%s) d left join lateral (
                select * from webhook_attempts where delivery_id = d.id order by id desc limit :shown) a on true
              order by d.id desc, a.id""";

    private static final String PAGE = WITH_ATTEMPTS.formatted("""
            select * from webhook_deliveries
              where webhook_id = :webhook and id < :before order by id desc limit :limit""");

    private static final String ONE =
            WITH_ATTEMPTS.formatted("select * from webhook_deliveries where webhook_id = :webhook and id = :id");

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
            return views(jdbc.sql(PAGE)
                    .param("webhook", webhookId)
                    .param("before", Ids.orGreatest(page.afterId()))
                    .param("limit", page.limit() + 1)
                    .param("shown", ATTEMPTS_SHOWN));
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
                    update webhook_deliveries set status = 'pending', attempt_count = 0, deaths = 0, due_at = now(),
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
                            and (:status::text is null or status = :status) and id > coalesce(:after::uuid, '00000000-0000-0000-0000-000000000000')
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
                update webhook_deliveries set status = 'pending', attempt_count = 0, deaths = 0, due_at = now(),
                    next_wake_at = now() + interval '10 seconds', lease_owner = null where id = any (?)""").param(SqlArray.of("uuid", batch)).update();
        return batch;
    }

    private static DeliveryView find(JdbcClient jdbc, UUID webhookId, UUID id) {
        List<DeliveryView> found =
                views(jdbc.sql(ONE).param("webhook", webhookId).param("id", id).param("shown", ATTEMPTS_SHOWN));
        if (found.isEmpty()) {
            throw RejectedException.notFound("The delivery");
        }
        return found.getFirst();
    }

    private static List<DeliveryView> views(JdbcClient.StatementSpec query) {
        Map<UUID, DeliveryView> views = new LinkedHashMap<>();
        query.query(row -> {
            UUID id = row.getObject("id", UUID.class);
            DeliveryView view = views.get(id);
            if (view == null) {
                Timestamp due = row.getTimestamp("due_at");
                view = new DeliveryView(
                        id,
                        row.getObject("event_id", UUID.class),
                        row.getString("event_type"),
                        row.getString("status"),
                        new ArrayList<>(),
                        due == null ? null : due.toInstant());
                views.put(id, view);
            }
            Timestamp at = row.getTimestamp("at");
            if (at != null) {
                view.attempts()
                        .add(new DeliveryView.Attempt(
                                at.toInstant(),
                                row.getObject("answered", Integer.class),
                                row.getLong("duration_ms"),
                                row.getString("error"),
                                row.getString("response")));
            }
        });
        return List.copyOf(views.values());
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
