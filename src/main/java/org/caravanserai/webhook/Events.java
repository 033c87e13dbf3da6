package org.caravanserai.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.Writes;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Records what tenant systems are told, in the transaction that made the change, so that neither is without the other. */
@Component
@EnableConfigurationProperties(KafkaProperties.class)
public class Events {

    private static final String INSERT = """
            insert into events (id, tenant_id, type, body, message_id, due_at, next_wake_at, kafka_due_at)
            select e.id, :newsTenant, e.type, e.body, e.message_id, now(), now() + interval '10 seconds',
                case when :newsIsForKafka then now() end
              from unnest(:newsIds, :newsTypes, :newsBodies, :newsMessages) as e (id, type, body, message_id)""";

    private final Ids ids;
    private final ObjectMapper json;
    private final boolean isForKafka;

    Events(Ids ids, ObjectMapper json, KafkaProperties kafka) {
        this.ids = ids;
        this.json = json;
        this.isForKafka = kafka.isOn();
    }

    /**
     * An event to tell.
     *
     * @param type for example message.received
     * @param messageId the message on whose timeline deliveries are recorded; may be null
     * @param data the API's representation of the thing itself
     */
    public record Draft(String type, UUID messageId, Object data) {}

    /**
     * Adds an event. After the commit, wake {@code webhook-fan-out}; should that be lost, the sweep does.
     *
     * @return the event's id, which is the {@code webhook-id} of all its deliveries
     */
    public UUID append(JdbcClient jdbc, UUID tenantId, String type, UUID messageId, Object data) {
        Writes writes = new Writes();
        UUID event =
                add(writes, tenantId, List.of(new Draft(type, messageId, data))).getFirst();
        writes.run(jdbc);
        return event;
    }

    /** Adds events in this order to what is written together. Gives back their ids. */
    public List<UUID> add(Writes writes, UUID tenantId, List<Draft> drafts) {
        if (drafts.isEmpty()) {
            return List.of();
        }
        List<UUID> fresh = drafts.stream().map(draft -> ids.next()).toList();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < fresh.size(); i++) {
            bodies.add(body(fresh.get(i), tenantId, drafts.get(i)));
        }
        writes.add(
                "news",
                INSERT,
                Map.of(
                        "newsTenant", tenantId,
                        "newsIsForKafka", isForKafka,
                        "newsIds", SqlArray.of("uuid", fresh),
                        "newsTypes",
                                SqlArray.of(
                                        "text", drafts.stream().map(Draft::type).toList()),
                        "newsBodies", SqlArray.of("text", bodies),
                        "newsMessages",
                                SqlArray.of(
                                        "uuid",
                                        drafts.stream().map(Draft::messageId).toList())));
        return fresh;
    }

    private String body(UUID id, UUID tenantId, Draft draft) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", id);
        body.put("type", draft.type);
        body.put("timestamp", Instant.now());
        body.put("tenantId", tenantId);
        body.put("data", draft.data);
        try {
            return json.writeValueAsString(body);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("an event's data is no JSON", ours);
        }
    }
}
