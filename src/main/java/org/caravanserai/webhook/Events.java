package org.caravanserai.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Appends events for tenant webhooks, in the transaction that made the change. */
@Component
public class Events {

    private final Ids ids;
    private final ObjectMapper json;

    Events(Ids ids, ObjectMapper json) {
        this.ids = ids;
        this.json = json;
    }

    /**
     * @param messageId the message it is about, or null
     * @param data the API's representation of what changed
     * @return the event's id; wake {@code webhook-fan-out} with it after the commit
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
            jdbc.sql("insert into events (id, tenant_id, type, body, message_id, due_at, next_wake_at)"
                            + " values (?, ?, ?, ?, ?, now(), now() + interval '3 seconds')")
                    .params(id, tenantId, type, json.writeValueAsString(body), messageId)
                    .update();
        } catch (JsonProcessingException notData) {
            throw new IllegalArgumentException("an event's data must be writable as JSON", notData);
        }
        return id;
    }
}
