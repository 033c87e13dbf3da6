package org.caravanserai.webhook;

import java.sql.Array;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.support.SynchronizationAdapter;
import org.caravanserai.Ids;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Makes a delivery of every event for each endpoint that wants it. */
@Component("fanOut")
public class FanOut {

    private static final int BATCH = 100;
    private static final int ROUNDS_MAX = 20;
    private static final String RUN = "HubFanOut";

    private final TenantTransactions transactions;
    private final EndpointPlaces places;
    private final Instance instance;
    private final Ids ids;
    private final WakeLater wakeLater;
    private final WorkProperties work;
    private final Map<UUID, AtomicInteger> busy = new ConcurrentHashMap<>();

    /** An event as it goes to the operator's exchange. @param messageId the message that it is about; may be null */
    public record Event(UUID id, String type, String body, UUID messageId) {}

    private record Endpoint(
            UUID id,
            Set<String> types,
            boolean isOrdered,
            boolean isFailing,
            boolean isMoreParked,
            String url,
            byte[] secret,
            byte[] previousSecret) {

        boolean wants(String type) {
            return types.contains("*") || types.contains(type);
        }
    }

    /** A delivery to be added. @param isParked whether it waits for a place at its endpoint */
    private record Fresh(UUID id, Endpoint endpoint, Event event, boolean isParked) {

        /** An ordered endpoint's is claimed by its attempt, which looks whether an earlier one is still under way. */
        boolean isClaimed() {
            return !isParked && !endpoint.isOrdered;
        }

        /** As its attempt would find it if it claimed it. */
        ClaimDeliveries.Row row(boolean isMoreParked) {
            return new ClaimDeliveries.Row(
                    id,
                    endpoint.id,
                    event.id,
                    event.type,
                    event.messageId,
                    endpoint.url,
                    true,
                    endpoint.secret,
                    endpoint.previousSecret,
                    event.body,
                    1,
                    0,
                    endpoint.isOrdered,
                    endpoint.isFailing,
                    isMoreParked);
        }
    }

    /** Deliveries that were added, oldest first. */
    private record Added(List<Fresh> toAttempt, Map<Endpoint, List<Fresh>> parked) {

        static Added of(List<Fresh> added) {
            return new Added(
                    added.stream().filter(fresh -> !fresh.isParked).toList(),
                    added.stream()
                            .filter(Fresh::isParked)
                            .collect(Collectors.groupingBy(Fresh::endpoint, LinkedHashMap::new, Collectors.toList())));
        }

        AddedAsClaimed claimed() {
            return new AddedAsClaimed(toAttempt.stream()
                    .filter(Fresh::isClaimed)
                    .map(fresh -> fresh.row(fresh.endpoint.isMoreParked || parked.containsKey(fresh.endpoint)))
                    .collect(Collectors.toConcurrentMap(ClaimDeliveries.Row::id, Function.identity())));
        }
    }

    private record Due(List<Event> events, Added added) {}

    /** A worker's rounds for one tenant. */
    private static final class Run {

        private final WakeUp event;
        /** How often the tenant was woken since it began; nought once it is over. */
        private final AtomicInteger calls;

        private int seen = 1;
        private boolean isOver;
        private boolean isOthersTurn;

        Run(WakeUp event, AtomicInteger calls) {
            this.event = event;
            this.calls = calls;
        }
    }

    FanOut(
            TenantTransactions transactions,
            EndpointPlaces places,
            Instance instance,
            Ids ids,
            WakeLater wakeLater,
            WorkProperties work) {
        this.work = work;
        this.transactions = transactions;
        this.places = places;
        this.instance = instance;
        this.ids = ids;
        this.wakeLater = wakeLater;
    }

    /**
     * Begins to spread a tenant's new events. One worker a tenant, so that what comes while it is busy is taken together.
     *
     * @param wakeUp the text of a {@link WakeUp} that names any event of the tenant
     * @return false if one is busy, which then goes round once more
     */
    public boolean begin(String wakeUp, Exchange exchange) {
        WakeUp event = WakeUp.parse(wakeUp);
        AtomicInteger calls = busy.computeIfAbsent(event.tenantId(), id -> new AtomicInteger());
        if (calls.getAndIncrement() > 0) {
            return false;
        }
        Run run = new Run(event, calls);
        exchange.setProperty(RUN, run);
        exchange.setProperty("HubMoreEvents", true);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                if (!run.isOver && (calls.getAndSet(0) > run.seen || run.isOthersTurn)) {
                    wakeLater.at("webhook-fan-out", event, Instant.now());
                }
            }
        });
        return true;
    }

    /**
     * Adds the deliveries of a tenant's due events. The events stay due until {@link #done}, so that those which do not
     * reach the operator's exchange are taken again; a delivery is never added twice.
     *
     * @return the events; {@code HubDeliveries} holds the wake-ups of those deliveries whose endpoint has a place for them
     */
    public List<Event> deliveries(Exchange exchange) {
        Run run = exchange.getProperty(RUN, Run.class);
        run.seen = run.calls.get();
        UUID tenantId = run.event.tenantId();
        List<String> wakes = new ArrayList<>();
        EndpointPlaces.Reserved reserved = places.nothingReserved();
        Due due;
        try {
            due = addDue(tenantId, reserved);
        } catch (RuntimeException rolledBack) {
            reserved.keepOnly(List.of());
            throw rolledBack;
        }
        Added added = due.added;
        reserved.keepOnly(added.toAttempt.stream().map(Fresh::id).toList());
        added.toAttempt.forEach(fresh -> wakes.add(new WakeUp(tenantId, fresh.id).toString()));
        added.parked.forEach((endpoint, waiting) -> waiting.stream()
                .limit(Math.min(
                        endpoint.isOrdered ? 1 : Integer.MAX_VALUE, places.awaited(endpoint.id, endpoint.isFailing)))
                .forEach(fresh -> wakes.add(new WakeUp(tenantId, fresh.id).toString())));
        exchange.setProperty(AddedAsClaimed.PROPERTY, added.claimed());
        exchange.setProperty("HubEvents", due.events);
        exchange.setProperty("HubDeliveries", wakes);
        exchange.setProperty(EndpointPlaces.RESERVED, reserved);
        return due.events;
    }

    private Due addDue(UUID tenantId, EndpointPlaces.Reserved reserved) {
        return transactions.in(tenantId, jdbc -> {
            List<Event> due = jdbc.sql("""
                    with due as materialized (
                      select id from events where due_at <= now() and (taken_until is null or taken_until <= now())
                        order by tenant_id, id limit ? for update skip locked
                    ), taken as (
                      update events e set taken_until = now() + interval '8 seconds'
                        from due where e.id = due.id returning e.id, e.type, e.body, e.message_id)
                    select id, type, body, message_id as messageId from taken order by id""").param(BATCH).query(Event.class).list();
            List<Fresh> fresh = due.isEmpty() ? List.of() : fresh(endpoints(jdbc), due, reserved);
            return new Due(due, Added.of(fresh.isEmpty() ? fresh : add(jdbc, tenantId, fresh)));
        });
    }

    /** The events of {@code HubEvents} reached everybody. {@code HubMoreEvents} says whether there may be others now. */
    @SuppressWarnings("unchecked")
    public void done(Exchange exchange) {
        Run run = exchange.getProperty(RUN, Run.class);
        List<Event> events = exchange.getProperty("HubEvents", List.class);
        if (!events.isEmpty()) {
            transactions.run(run.event.tenantId(), jdbc -> jdbc.sql(
                            "update events set due_at = null, next_wake_at = null where id = any (?)")
                    .param(SqlArray.of("uuid", events.stream().map(Event::id).toList()))
                    .update());
        }
        run.isOver = events.size() < BATCH && run.calls.compareAndSet(run.seen, 0);
        run.isOthersTurn = exchange.getProperty(ExchangePropertyKey.LOOP_INDEX, 0, Integer.class) == ROUNDS_MAX;
        exchange.setProperty("HubMoreEvents", !run.isOver && !run.isOthersTurn);
    }

    /** A delivery of each event for each endpoint that wants it; those beyond the places that it has free are parked. */
    private List<Fresh> fresh(List<Endpoint> endpoints, List<Event> due, EndpointPlaces.Reserved reserved) {
        List<Fresh> fresh = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            boolean isFull = false;
            for (Event event : due) {
                if (endpoint.wants(event.type)) {
                    UUID id = ids.next();
                    isFull = isFull || !places.reserve(reserved, id, endpoint.id, endpoint.isFailing);
                    fresh.add(new Fresh(id, endpoint, event, isFull));
                    isFull = isFull || endpoint.isOrdered; // one after the other
                }
            }
        }
        return fresh;
    }

    /** Adds those that are not there yet, claimed at once where they can be. Gives back which were added. */
    private List<Fresh> add(JdbcClient jdbc, UUID tenantId, List<Fresh> fresh) {
        Set<UUID> added = Set.copyOf(jdbc.sql("""
                insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at, next_wake_at,
                    lease_owner, leased_until, attempt_count)
                  select d.id, :tenant, d.webhook_id, d.event_id, d.event_type, now(),
                      case when not d.parked then now() + interval '10 seconds' end,
                      case when d.claimed then :me end,
                      case when d.claimed then now() + interval '1 second' * :seconds end, d.claimed::int
                    from unnest(:ids, :webhooks, :events, :types, :parked, :claimed)
                      as d (id, webhook_id, event_id, event_type, parked, claimed)
                  on conflict do nothing returning id""")
                .param("tenant", tenantId)
                .param("me", instance.id())
                .param("seconds", work.leaseSeconds(WorkKind.DELIVERY, false))
                .param("ids", SqlArray.of("uuid", fresh, Fresh::id))
                .param("webhooks", SqlArray.of("uuid", fresh, one -> one.endpoint.id))
                .param("events", SqlArray.of("uuid", fresh, one -> one.event.id))
                .param("types", SqlArray.of("text", fresh, one -> one.event.type))
                .param("parked", SqlArray.of("bool", fresh, Fresh::isParked))
                .param("claimed", SqlArray.of("bool", fresh, Fresh::isClaimed))
                .query(UUID.class)
                .list());
        return fresh.stream().filter(one -> added.contains(one.id)).toList();
    }

    private static List<Endpoint> endpoints(JdbcClient jdbc) {
        return jdbc.sql("""
                select w.id, w.events, w.ordered, w.failing_since is not null, exists (select 1 from webhook_deliveries p
                    where p.webhook_id = w.id and p.due_at is not null and p.next_wake_at is null),
                    w.url, w.secret, case when w.previous_secret_until > now() then w.previous_secret end
                  from webhooks w where w.enabled""")
                .query((row, n) -> {
                    Array types = row.getArray(2);
                    return new Endpoint(
                            row.getObject(1, UUID.class),
                            Set.copyOf(Arrays.asList((String[]) types.getArray())),
                            row.getBoolean(3),
                            row.getBoolean(4),
                            row.getBoolean(5),
                            row.getString(6),
                            row.getBytes(7),
                            row.getBytes(8));
                })
                .list();
    }
}
