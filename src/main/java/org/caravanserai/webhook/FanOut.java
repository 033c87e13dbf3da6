package org.caravanserai.webhook;

import java.sql.Array;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final Ids ids;
    private final WakeLater wakeLater;
    private final Map<UUID, AtomicInteger> busy = new ConcurrentHashMap<>();

    /** An event as it goes to the operator's exchange. */
    public record Event(UUID id, String type, String body) {}

    private record Endpoint(UUID id, Set<String> types) {

        boolean wants(String type) {
            return types.contains("*") || types.contains(type);
        }
    }

    FanOut(TenantTransactions transactions, Ids ids, WakeLater wakeLater) {
        this.transactions = transactions;
        this.ids = ids;
        this.wakeLater = wakeLater;
    }

    /**
     * Adds the deliveries of a tenant's due events. The events stay due until {@link #done}, so that those which do not
     * reach the operator's exchange are taken again; a delivery is never added twice.
     *
     * @param wakeUp the text of a {@link WakeUp} that names any event of the tenant
     * @return the events; {@code HubDeliveries} holds the wake-ups of their deliveries
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
        List<Event> events = transactions.in(tenantId, jdbc -> {
            List<Event> due = jdbc.sql("""
                    select id, type, body from events where due_at <= now() order by id limit ? for update skip locked""").param(BATCH).query(Event.class).list();
            if (!due.isEmpty()) {
                jdbc.sql("""
                        update events set due_at = now() + interval '10 seconds', next_wake_at = now() + interval '10 seconds'
                          where id = any (?)""").param(ids(due)).update();
                List<Endpoint> endpoints = endpoints(jdbc);
                wakes.addAll(add(jdbc, tenantId, endpoints, due));
            }
            return due;
        });
        exchange.setProperty("HubTenantId", tenantId);
        exchange.setProperty("HubEvents", events);
        exchange.setProperty("HubDeliveries", wakes);
        exchange.setProperty("HubMoreEvents", events.size() == BATCH);
        return events;
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

    /** Gives back the wake-ups of the deliveries that were not there yet, in the order of their events. */
    private List<String> add(JdbcClient jdbc, UUID tenantId, List<Endpoint> endpoints, List<Event> due) {
        List<UUID> fresh = new ArrayList<>();
        List<UUID> webhooks = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        for (Event event : due) {
            for (Endpoint endpoint : endpoints) {
                if (endpoint.wants(event.type)) {
                    fresh.add(ids.next());
                    webhooks.add(endpoint.id);
                    events.add(event);
                }
            }
        }
        if (fresh.isEmpty()) {
            return List.of();
        }
        return jdbc
                .sql("""
                insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at, next_wake_at)
                  select d.id, ?, d.webhook_id, d.event_id, d.event_type, now(), now() + interval '10 seconds'
                    from unnest(?, ?, ?, ?) as d (id, webhook_id, event_id, event_type)
                  on conflict do nothing returning id""")
                .param(tenantId)
                .param(SqlArray.of("uuid", fresh))
                .param(SqlArray.of("uuid", webhooks))
                .param(ids(events))
                .param(SqlArray.of("text", events.stream().map(Event::type).toList()))
                .query(UUID.class)
                .list()
                .stream()
                .map(id -> new WakeUp(tenantId, id).toString())
                .toList();
    }

    private static List<Endpoint> endpoints(JdbcClient jdbc) {
        return jdbc.sql("select id, events from webhooks where enabled")
                .query((row, n) -> {
                    Array types = row.getArray(2);
                    return new Endpoint(
                            row.getObject(1, UUID.class), Set.copyOf(Arrays.asList((String[]) types.getArray())));
                })
                .list();
    }

    private static SqlArray ids(List<Event> events) {
        return SqlArray.of("uuid", events.stream().map(Event::id).toList());
    }
}
