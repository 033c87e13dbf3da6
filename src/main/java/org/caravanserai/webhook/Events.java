package org.caravanserai.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Records what tenant systems are told, in the transaction that made the change, so that neither is without the other. */
@Component
@EnableConfigurationProperties(KafkaProperties.class)
public class Events {

    private final Ids ids;
    private final ObjectMapper json;
    private final boolean isForKafka;

    Events(Ids ids, ObjectMapper json, KafkaProperties kafka) {
        this.ids = ids;
        this.json = json;
        this.isForKafka = kafka.isOn();
    }

    /**
     * Adds an event. After the commit, wake {@code webhook-fan-out}; should that be lost, the sweep does.
     *
     * @param type for example message.received
     * @param messageId the message on whose timeline deliveries are recorded; may be null
     * @param data the API's representation of the thing itself
     * @return the event's id, which is the {@code webhook-id} of all its deliveries
     */
    public UUID append(JdbcClient jdbc, UUID tenantId, String type, UUID messageId, Object data) {
        UUID id = ids.next();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", id);
        body.put("type", type);
        body.put("timestamp", Instant.now());
        body.put("tenantId", tenantId);
        body.put("data", data);
        try {
            jdbc.sql("""
                    insert into events (id, tenant_id, type, body, message_id, due_at, next_wake_at, kafka_due_at)
                    values (?, ?, ?, ?, ?, now(), now() + interval '3 seconds', case when ? then now() end)""")
                    .params(id, tenantId, type, json.writeValueAsString(body), messageId, isForKafka)
                    .update();
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("an event's data is no JSON", ours);
        }
        return id;
    }
}
