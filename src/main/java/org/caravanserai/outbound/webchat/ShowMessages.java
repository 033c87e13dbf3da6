package org.caravanserai.outbound.webchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.inbound.webchat.CatchUp;
import org.caravanserai.inbound.webchat.Visitor;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Tenants;
import org.springframework.stereotype.Component;

/** Makes frames of stored messages. A reply counts once it is claimed for sending, when the last checks have passed. */
@Component
class ShowMessages implements CatchUp {

    /** Of a long conversation, somebody who comes back without having seen any sees the latest so many. */
    private static final int HISTORY_MAX = 200;

    private static final int PAGE = 50;
    private static final TypeReference<List<Citation>> CITATIONS = new TypeReference<>() {};
    private static final String AFTER = """
            select m.id, m.position, m.direction, m.author, m.text, m.citations, m.status, m.external_id, m.created_at
              from contacts k join conversations c on c.contact_id = k.id and c.channel_id = k.channel_id
                join messages m on m.conversation_id = c.id
              where k.channel_id = ? and k.address = ? and m.position > greatest(?, c.last_position - ?)
                and m.position < coalesce((select min(p.position) from messages p
                  where p.conversation_id = c.id and p.status = 'pending'), 9223372036854775807)
              order by m.position limit ?""";

    private final TenantTransactions transactions;
    private final Tenants tenants;
    private final ObjectMapper json;

    ShowMessages(TenantTransactions transactions, Tenants tenants, ObjectMapper json) {
        this.transactions = transactions;
        this.tenants = tenants;
        this.json = json;
    }

    @Override
    public List<Shown> after(Visitor visitor, long after) {
        boolean hasSources = !tenants.settings(visitor.tenantId())
                .retrievalOrDefault()
                .citations()
                .equals("none");
        return transactions.in(visitor.tenantId(), jdbc -> jdbc.sql(AFTER)
                .params(visitor.channelId(), visitor.address(), after, HISTORY_MAX, PAGE)
                .query((row, n) -> new Shown(row.getLong("position"), frame(visitor, row, hasSources)))
                .list());
    }

    @Override
    public Map<String, Long> newest(UUID tenantId, UUID channelId, Collection<String> addresses) {
        Map<String, Long> newest = new HashMap<>();
        transactions.run(tenantId, jdbc -> jdbc.sql("""
                        select k.address, c.last_position from contacts k
                            join conversations c on c.contact_id = k.id and c.channel_id = k.channel_id
                          where k.channel_id = ? and k.address = any (?)""")
                .params(channelId, SqlArray.of("text", List.copyOf(addresses)))
                .query((row, n) -> newest.put(row.getString(1), row.getLong(2)))
                .list());
        return newest;
    }

    private String frame(Visitor visitor, ResultSet row, boolean hasSources) throws SQLException {
        boolean isInbound = row.getString("direction").equals("inbound");
        Map<String, Object> frame = new LinkedHashMap<>();
        // a reply that was not sent after all, since a person took over
        boolean isVoid = !isInbound && row.getString("status").equals("failed");
        frame.put("type", isVoid ? "retract" : "message");
        frame.put("messageId", row.getString("id"));
        frame.put("position", row.getLong("position"));
        try {
            if (!isVoid) {
                frame.put("author", row.getString("author"));
                frame.put("text", row.getString("text"));
                frame.put("at", row.getTimestamp("created_at").toInstant().toString());
                if (isInbound) {
                    // as the visitor's page named it
                    frame.put(
                            "id",
                            row.getString("external_id")
                                    .substring(visitor.address().length() + 1));
                } else {
                    frame.put("citations", hasSources ? sources(row.getString("citations")) : List.of());
                }
            }
            return json.writeValueAsString(frame);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("A stored message cannot be read", ours);
        }
    }

    /** The names alone: the texts of documents are the tenant's. */
    private List<Map<String, Object>> sources(String citations) throws JsonProcessingException {
        return json.readValue(citations, CITATIONS).stream()
                .map(source -> Map.<String, Object>of("index", source.index(), "documentName", source.documentName()))
                .toList();
    }
}
