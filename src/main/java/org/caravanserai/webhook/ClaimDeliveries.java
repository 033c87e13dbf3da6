package org.caravanserai.webhook;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.security.Secrets;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Claims rows of deliveries for this hub, in the caller's transaction: those that were woken, or the oldest that wait for a
 * place at an endpoint.
 */
@Component
class ClaimDeliveries {

    // The rows are claimed by their ids alone, and what belongs to them is joined after that. Joined at once, they may
    // be looked for among all that the endpoint has pending.
    private static final String CLAIM = """
            claimed as (
              update webhook_deliveries d set lease_owner = :me,
                  leased_until = now() + interval '1 second'
                    * case when d.id = any (:stuck) then :stuckSeconds else :seconds end,
                  deaths = d.deaths + hub_unended(d.lease_owner, :me, d.id = any (:unended)),
                  attempt_count = greatest(1, d.attempt_count + (d.lease_owner is null)::int),
                  next_wake_at = coalesce(d.next_wake_at, now() + interval '30 seconds')
                where d.id = any (%s) and d.due_at <= now()
                  and hub_claimable(d.lease_owner, d.leased_until, :me)
                  and not (d.id = any (:stuck) and coalesce(d.leased_until > now(), false))
                  and (not (select w.ordered from webhooks w where w.id = d.webhook_id)
                    or not exists (select 1 from webhook_deliveries o
                      where o.webhook_id = d.webhook_id and o.status = 'pending' and o.event_id < d.event_id))
                returning d.id, d.webhook_id, d.event_id, d.event_type, d.attempt_count, d.deaths)
            select d.id, d.webhook_id as webhookId, d.event_id as eventId, d.event_type as eventType,
                e.message_id as messageId, w.url, w.enabled, w.secret,
                case when w.previous_secret_until > now() then w.previous_secret end as previousSecret, e.body,
                d.attempt_count as attempt, d.deaths, w.ordered as isOrdered, w.failing_since is not null as isFailing,
                exists (select 1 from webhook_deliveries p where p.webhook_id = d.webhook_id and p.id <> d.id
                  and p.due_at is not null and p.next_wake_at is null) as isMoreParked
              from claimed d join webhooks w on w.id = d.webhook_id join events e on e.id = d.event_id""";

    private static final String WOKEN = "with " + CLAIM.formatted(":ids");

    // Materialized: a plan that ran it once a row would lock, and claim, more rows than there are places.
    private static final String PARKED = """
            with oldest as materialized (
              select p.id from unnest(:webhooks, :places) as free (webhook_id, places), lateral (
                select d.id from webhook_deliveries d
                  where d.webhook_id = free.webhook_id and d.due_at is not null and d.next_wake_at is null and d.deaths = 0
                  order by d.event_id limit free.places for update skip locked) p
                where (select w.enabled from webhooks w where w.id = free.webhook_id)
            ), """ + CLAIM.formatted("array(select id from oldest)");

    private final Instance instance;
    private final InFlight inFlight;
    private final Secrets secrets;
    private final WorkProperties work;

    /** A claimed row, with what its request is made of. */
    record Row(
            UUID id,
            UUID webhookId,
            UUID eventId,
            String eventType,
            UUID messageId,
            String url,
            boolean enabled,
            byte[] secret,
            byte[] previousSecret,
            String body,
            int attempt,
            int deaths,
            boolean isOrdered,
            boolean isFailing,
            boolean isMoreParked) {}

    ClaimDeliveries(Instance instance, InFlight inFlight, Secrets secrets, WorkProperties work) {
        this.inFlight = inFlight;
        this.work = work;
        this.instance = instance;
        this.secrets = secrets;
    }

    /**
     * Those of these deliveries that are due and nobody else's.
     *
     * @param unended those of which this hub knows that their last claim by it had no end
     */
    List<Row> woken(JdbcClient jdbc, List<UUID> ids, List<UUID> unended) {
        return claim(jdbc.sql(WOKEN).param("ids", SqlArray.of("uuid", ids)), ids, unended);
    }

    private List<Row> claim(JdbcClient.StatementSpec statement, List<UUID> ids, List<UUID> unended) {
        return statement
                .param("me", instance.id())
                .param("unended", SqlArray.of("uuid", unended))
                .param(
                        "stuck",
                        SqlArray.of(
                                "uuid", ids.stream().filter(inFlight::isStuck).toList()))
                .param("seconds", work.leaseSeconds(WorkKind.DELIVERY, false))
                .param("stuckSeconds", work.leaseSeconds(WorkKind.DELIVERY, true))
                .query(Row.class)
                .list();
    }

    /** The oldest parked deliveries of enabled endpoints, of each at most as many as it has places. */
    List<Row> parked(JdbcClient jdbc, Map<UUID, Integer> places) {
        return places.isEmpty()
                ? List.of()
                : claim(
                        jdbc.sql(PARKED)
                                .param("webhooks", SqlArray.of("uuid", List.copyOf(places.keySet())))
                                .param("places", SqlArray.of("int", List.copyOf(places.values()))),
                        List.of(),
                        List.of());
    }

    /** Parks rows that were claimed and for which there is no place after all. */
    void park(JdbcClient jdbc, List<UUID> ids) {
        if (!ids.isEmpty()) {
            jdbc.sql("""
                    update webhook_deliveries set lease_owner = null, attempt_count = attempt_count - 1, next_wake_at = null
                      where id = any (?)""").param(SqlArray.of("uuid", ids)).update();
        }
    }

    /** Puts a row back that was claimed and has to wait for others that may have killed a hub too. */
    void postpone(JdbcClient jdbc, UUID id) {
        jdbc.sql("""
                update webhook_deliveries set lease_owner = null, attempt_count = attempt_count - 1,
                  next_wake_at = now() + interval '2 seconds' where id = ?""").param(id).update();
    }

    /**
     * What is to be attempted.
     *
     * @throws org.caravanserai.failure.PermanentException if the endpoint's secret cannot be decrypted
     */
    Delivery delivery(UUID tenantId, Row row) {
        List<String> keys = new ArrayList<>();
        keys.add(secrets.decrypt(row.secret, row.webhookId));
        if (row.previousSecret != null) {
            keys.add(secrets.decrypt(row.previousSecret, row.webhookId));
        }
        return new Delivery(
                tenantId,
                row.id,
                row.webhookId,
                row.eventId,
                row.eventType,
                row.messageId,
                row.url,
                keys,
                row.body,
                row.attempt,
                row.isOrdered,
                row.isMoreParked,
                System.nanoTime());
    }
}
