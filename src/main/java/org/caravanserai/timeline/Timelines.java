package org.caravanserai.timeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/** Reads what happened to a message, together with what belongs to it. */
@Component
public class Timelines {

    private final TenantTransactions transactions;
    private final ObjectReader detail;

    /** A hop and its place in the exchange, from 1, by which pages go on. */
    public record Numbered(TimelineView hop, long number) {}

    Timelines(TenantTransactions transactions, ObjectMapper json) {
        this.transactions = transactions;
        this.detail = json.readerFor(new TypeReference<Map<String, Object>>() {});
    }

    /**
     * The hops of a whole exchange, oldest first: of the message, of the reply that covers it, and of every message that
     * this reply covers; for a reply the same.
     *
     * @param after how many hops the pages before held; 0 for the first
     * @throws RejectedException 404 if the tenant has no such message
     */
    public List<Numbered> exchange(UUID tenantId, UUID messageId, long after, int limit) {
        return transactions.in(tenantId, jdbc -> {
            UUID reply = jdbc.sql("select coalesce(answered_by, id) from messages where id = ?")
                    .param(messageId)
                    .query(UUID.class)
                    .optional()
                    .orElseThrow(() -> RejectedException.notFound("The message"));
            return jdbc.sql("""
                    select at, stage, outcome, duration_ms, detail, row_number() over (order by at, id) as number
                      from timeline where message_id in (
                        select :message union select :reply union select id from messages where answered_by = :reply)
                      order by at, id offset :after limit :limit""")
                    .param("message", messageId)
                    .param("reply", reply)
                    .param("after", after)
                    .param("limit", limit)
                    .query((row, n) -> new Numbered(view(row), row.getLong("number")))
                    .list();
        });
    }

    private TimelineView view(ResultSet row) throws SQLException {
        return new TimelineView(
                row.getTimestamp("at").toInstant(),
                row.getString("stage"),
                row.getString("outcome"),
                row.getObject("duration_ms", Long.class),
                detail(row.getString("detail")));
    }

    private Map<String, Object> detail(String stored) {
        try {
            return detail.readValue(stored);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a stored timeline detail cannot be read", ours);
        }
    }
}
