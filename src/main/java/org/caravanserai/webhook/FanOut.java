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
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.caravanserai.Ids;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Makes a delivery of every event for each endpoint that wants it. */
@Component("fanOut")
public class FanOut {

    private static final int BATCH = 100;

    private final TenantTransactions transactions;
    private final EndpointPlaces places;
    private final Ids ids;
    private final WakeLater wakeLater;
    private final Map<UUID, AtomicInteger> busy = new ConcurrentHashMap<>();

    /** An event as it goes to the operator's exchange. */
    public record Event(UUID id, String type, String body) {}

    private record Endpoint(UUID id, Set<String> types, boolean isOrdered, boolean isFailing) {

        boolean wants(String type) {
            return types.contains("*") || types.contains(type);
        }
    }

    /** Deliveries that were added. @param parked of each endpoint those that wait for a place there, oldest first */
    private record Added(List<UUID> toAttempt, Map<Endpoint, List<UUID>> parked) {

        static final Added NOTHING = new Added(List.of(), Map.of());
    }

    private record Due(List<Event> events, Added added) {}

    FanOut(TenantTransactions transactions, EndpointPlaces places, Ids ids, WakeLater wakeLater) {
        this.transactions = transactions;
        this.places = places;
        this.ids = ids;
        this.wakeLater = wakeLater;
    }

    /**
     * Adds the deliveries of a tenant's due events. The events stay due until {@link #done}, so that those which do not
     * reach the operator's exchange are taken again; a delivery is never added twice.
     *
     * @param wakeUp the text of a {@link WakeUp} that names any event of the tenant
     * @return the events; {@code HubDeliveries} holds the wake-ups of those deliveries whose endpoint has a place for them
     */
    public List<Event> deliveries(String wakeUp, Exchange exchange) {
        WakeUp event = WakeUp.parse(wakeUp);
        UUID tenantId = event.tenantId();
        List<String> wakes = new ArrayList<>();
        if (!enter(exchange, event)) {
            exchange.setProperty("HubEvents", List.of());
            exchange.setProperty("HubDeliveries", wakes);
            return List.of();
        }
        EndpointPlaces.Reserved reserved = places.nothingReserved();
        Due due;
        try {
            due = addDue(tenantId, reserved);
        } catch (RuntimeException rolledBack) {
            reserved.keepOnly(List.of());
            throw rolledBack;
        }
        Added added = due.added;
        reserved.keepOnly(added.toAttempt);
        added.toAttempt.forEach(id -> wakes.add(new WakeUp(tenantId, id).toString()));
        added.parked.forEach((endpoint, waiting) -> waiting.stream()
                .limit(Math.min(
                        endpoint.isOrdered ? 1 : Integer.MAX_VALUE, places.awaited(endpoint.id, endpoint.isFailing)))
                .forEach(id -> wakes.add(new WakeUp(tenantId, id).toString())));
        exchange.setProperty("HubTenantId", tenantId);
        exchange.setProperty("HubEvents", due.events);
        exchange.setProperty("HubDeliveries", wakes);
        exchange.setProperty(EndpointPlaces.RESERVED, reserved);
        exchange.setProperty("HubMoreEvents", due.events.size() == BATCH);
        return due.events;
    }

    private Due addDue(UUID tenantId, EndpointPlaces.Reserved reserved) {
        return transactions.in(tenantId, jdbc -> {
            List<Event> due = jdbc.sql("""
                    with due as materialized (
                      select id from events where due_at <= now() order by id limit ? for update skip locked
                    ), taken as (
                      update events e set due_at = now() + interval '10 seconds', next_wake_at = now() + interval '10 seconds'
                        from due where e.id = due.id returning e.id, e.type, e.body)
                    select id, type, body from taken order by id""").param(BATCH).query(Event.class).list();
            return new Due(due, due.isEmpty() ? Added.NOTHING : add(jdbc, tenantId, endpoints(jdbc), due, reserved));
        });
    }

    /** The events of {@code HubEvents} reached everybody. */
    @SuppressWarnings("unchecked")
    public void done(Exchange exchange) {
        List<Event> events = exchange.getProperty("HubEvents", List.class);
        if (!events.isEmpty()) {
            transactions.run(exchange.getProperty("HubTenantId", UUID.class), jdbc -> jdbc.sql(
                            "update events set due_at = null, next_wake_at = null where id = any (?)")
                    .param(ids(events))
                    .update());
        }
    }

    /**
     * One worker a tenant, so that what comes while it is busy is taken together.
     *
     * @return false if one is busy, which then goes round once more
     */
    private boolean enter(Exchange exchange, WakeUp event) {
        AtomicInteger rounds = busy.computeIfAbsent(event.tenantId(), id -> new AtomicInteger());
        if (rounds.getAndIncrement() > 0) {
            return false;
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                if (rounds.getAndSet(0) > 1) {
                    wakeLater.at("webhook-fan-out", event, Instant.now());
                }
            }
        });
        return true;
    }

    /** Adds the deliveries that are not there yet; those beyond the places that their endpoint has free are parked. */
    private Added add(
            JdbcClient jdbc,
            UUID tenantId,
            List<Endpoint> endpoints,
            List<Event> due,
            EndpointPlaces.Reserved reserved) {
        Map<UUID, Endpoint> fresh = new LinkedHashMap<>();
        List<Event> events = new ArrayList<>();
        List<Boolean> parked = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            boolean isFull = false;
            for (Event event : due) {
                if (endpoint.wants(event.type)) {
                    UUID id = ids.next();
                    fresh.put(id, endpoint);
                    events.add(event);
                    isFull = isFull || !places.reserve(reserved, id, endpoint.id, endpoint.isFailing);
                    parked.add(isFull);
                    isFull = isFull || endpoint.isOrdered; // one after the other
                }
            }
        }
        if (fresh.isEmpty()) {
            return Added.NOTHING;
        }
        List<UUID> toAttempt = new ArrayList<>();
        Map<Endpoint, List<UUID>> waiting = new LinkedHashMap<>();
        jdbc.sql("""
                insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at, next_wake_at)
                  select d.id, ?, d.webhook_id, d.event_id, d.event_type, now(),
                      case when not d.parked then now() + interval '10 seconds' end
                    from unnest(?, ?, ?, ?, ?) as d (id, webhook_id, event_id, event_type, parked)
                  on conflict do nothing returning id, next_wake_at is null as parked""")
                .param(tenantId)
                .param(SqlArray.of("uuid", List.copyOf(fresh.keySet())))
                .param(SqlArray.of(
                        "uuid", fresh.values().stream().map(Endpoint::id).toList()))
                .param(ids(events))
                .param(SqlArray.of("text", events.stream().map(Event::type).toList()))
                .param(SqlArray.of("bool", parked))
                .query(row -> {
                    UUID id = row.getObject(1, UUID.class);
                    if (row.getBoolean(2)) {
                        waiting.computeIfAbsent(fresh.get(id), endpoint -> new ArrayList<>())
                                .add(id);
                    } else {
                        toAttempt.add(id);
                    }
                });
        return new Added(toAttempt, waiting);
    }

    private static List<Endpoint> endpoints(JdbcClient jdbc) {
        return jdbc.sql("select id, events, ordered, failing_since is not null from webhooks where enabled")
                .query((row, n) -> {
                    Array types = row.getArray(2);
                    return new Endpoint(
                            row.getObject(1, UUID.class),
                            Set.copyOf(Arrays.asList((String[]) types.getArray())),
                            row.getBoolean(3),
                            row.getBoolean(4));
                })
                .list();
    }

    private static SqlArray ids(List<Event> events) {
        return SqlArray.of("uuid", events.stream().map(Event::id).toList());
    }
}
