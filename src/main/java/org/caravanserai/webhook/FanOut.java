package org.caravanserai.webhook;

import java.sql.Array;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.caravanserai.Ids;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeUp;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Makes a delivery of every event for each endpoint that wants it. */
@Component("fanOut")
public class FanOut {

    private static final int BATCH = 100;

    private final TenantTransactions transactions;
    private final Ids ids;

    /** An event as it goes to the operator's exchange. */
    public record Event(UUID id, String type, String body) {}

    private record Endpoint(UUID id, Set<String> types) {

        boolean wants(String type) {
            return types.contains("*") || types.contains(type);
        }
    }

    FanOut(TenantTransactions transactions, Ids ids) {
        this.transactions = transactions;
        this.ids = ids;
    }

    /**
     * Adds the deliveries of a tenant's due events. The events stay due until {@link #done}, so that those which do not
     * reach the operator's exchange are taken again; a delivery is never added twice.
     *
     * @param wakeUp the text of a {@link WakeUp} that names any event of the tenant
     * @return the events; {@code HubDeliveries} holds the wake-ups of their deliveries
     */
    public List<Event> deliveries(String wakeUp, Exchange exchange) {
        UUID tenantId = WakeUp.parse(wakeUp).tenantId();
        Set<String> wakes = new LinkedHashSet<>();
        List<Event> events = transactions.in(tenantId, jdbc -> {
            List<Event> due = jdbc.sql("""
                    select id, type, body from events where due_at <= now() order by id limit ? for update skip locked""").param(BATCH).query(Event.class).list();
            if (!due.isEmpty()) {
                jdbc.sql("""
                        update events set due_at = now() + interval '10 seconds', next_wake_at = now() + interval '10 seconds'
                          where id = any (?)""").param(ids(due)).update();
                List<Endpoint> endpoints = endpoints(jdbc);
                due.forEach(event -> endpoints.stream()
                        .filter(endpoint -> endpoint.wants(event.type))
                        .forEach(endpoint -> add(jdbc, tenantId, endpoint, event, wakes)));
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

    private void add(JdbcClient jdbc, UUID tenantId, Endpoint endpoint, Event event, Set<String> wakes) {
        UUID id = ids.next();
        int added = jdbc.sql("""
                insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, due_at, next_wake_at)
                  values (?, ?, ?, ?, ?, now(), now() + interval '3 seconds') on conflict do nothing""")
                .params(id, tenantId, endpoint.id, event.id, event.type)
                .update();
        if (added == 1) {
            wakes.add(new WakeUp(tenantId, id).toString());
        }
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
