package org.caravanserai.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultExchange;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/**
 * What is still to go to Kafka, tenant by tenant, oldest first. An event stays due until Kafka has confirmed it, so that it
 * arrives at least once, and a Kafka that is away holds up nothing else.
 */
@Component("kafkaFeed")
public class KafkaFeed {

    private static final int TENANTS = 100;
    private static final int BATCH = 500;

    private final TenantTransactions transactions;
    private final ObjectMapper json;
    private UUID servedLast;

    private record Event(UUID id, String type, String body) {}

    KafkaFeed(TenantTransactions transactions, ObjectMapper json) {
        this.transactions = transactions;
        this.json = json;
    }

    /** Tenants that have events to publish, each in its turn. */
    public synchronized List<UUID> tenants() {
        List<UUID> next = transactions.acrossTenants(
                jdbc -> jdbc.sql("select tenant_id from hub_tenants_with_events_for_kafka(?, ?)")
                        .params(servedLast, TENANTS)
                        .query(UUID.class)
                        .list());
        servedLast = next.isEmpty() ? null : next.getLast();
        return next;
    }

    /**
     * The oldest events of a tenant, as exchanges with headers of their own: the key is tenant and conversation, so that the events of a
     * conversation stay in order in one partition.
     *
     * @return the exchanges; {@code HubEvents} holds the events' ids for {@link #done}
     */
    public List<Exchange> next(UUID tenantId, Exchange exchange) {
        List<Event> events = transactions.in(tenantId, jdbc -> jdbc.sql(
                        "select id, type, body from events where tenant_id = ? and kafka_due_at is not null order by tenant_id, id limit ?")
                .params(tenantId, BATCH)
                .query(Event.class)
                .list());
        exchange.setProperty("HubTenantId", tenantId);
        exchange.setProperty("HubEvents", events.stream().map(Event::id).toList());
        return events.stream()
                .map(event -> record(exchange.getContext(), tenantId, event))
                .toList();
    }

    /** Kafka has the events of {@code HubEvents}. */
    public void done(Exchange exchange) {
        List<?> published = exchange.getProperty("HubEvents", List.class);
        transactions.run(exchange.getProperty("HubTenantId", UUID.class), jdbc -> jdbc.sql(
                        "update events set kafka_due_at = null where id = any (?)")
                .param(SqlArray.of("uuid", published))
                .update());
    }

    private Exchange record(CamelContext context, UUID tenantId, Event event) {
        Exchange published = new DefaultExchange(context);
        published.getMessage().setHeader(KafkaConstants.KEY, key(tenantId, event));
        published.getMessage().setHeader("webhook-id", event.id.toString());
        published.getMessage().setBody(event.body);
        return published;
    }

    private String key(UUID tenantId, Event event) {
        try {
            JsonNode data = json.readTree(event.body).path("data");
            String conversation = data.path(event.type.startsWith("conversation.") ? "id" : "conversationId")
                    .asText();
            return conversation.isEmpty() ? tenantId.toString() : tenantId + "/" + conversation;
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a stored event is no JSON", ours);
        }
    }
}
