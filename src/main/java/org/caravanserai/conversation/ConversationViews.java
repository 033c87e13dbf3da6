package org.caravanserai.conversation;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads conversations as the API and the tenant webhooks show them. */
@Component
public class ConversationViews {

    private static final String SELECT = """
            select c.id, c.channel_id, k.id as contact_id, k.name, k.address, c.status, c.last_message_at
              from conversations c join contacts k on k.id = c.contact_id where\s""";

    /**
     * Which conversations a list holds; what is null does not matter.
     *
     * @param from the last message is not older
     * @param to the last message is older
     * @param words what the contact's name, address or a message's text contains, in any case
     */
    public record Filter(String status, UUID channelId, Instant from, Instant to, String words) {}

    public Optional<ConversationView> find(JdbcClient jdbc, UUID id) {
        return jdbc.sql(SELECT + "c.id = ?").param(id).query((row, n) -> view(row)).optional();
    }

    /** Newest first. @param before the last id of the page before, or null */
    List<ConversationView> list(JdbcClient jdbc, Filter filter, UUID before, int limit) {
        StringBuilder sql = new StringBuilder(SELECT).append("true");
        List<Object> values = new ArrayList<>();
        and(sql, values, " and c.id < ?", before);
        and(sql, values, " and c.status = ?", filter.status);
        and(sql, values, " and c.channel_id = ?", filter.channelId);
        and(sql, values, " and c.last_message_at >= ?", timestamp(filter.from));
        and(sql, values, " and c.last_message_at < ?", timestamp(filter.to));
        if (filter.words != null) {
            String pattern = "%" + filter.words.replaceAll("([\\\\%_])", "\\\\$1") + "%";
            sql.append("""
                     and (k.name ilike ? or k.address ilike ? or exists (
                      select 1 from messages m where m.conversation_id = c.id and m.text ilike ?))""");
            values.addAll(List.of(pattern, pattern, pattern));
        }
        values.add(limit);
        return jdbc.sql(sql.append(" order by c.id desc limit ?").toString())
                .params(values)
                .query((row, n) -> view(row))
                .list();
    }

    private static void and(StringBuilder sql, List<Object> values, String condition, Object value) {
        if (value != null) {
            sql.append(condition);
            values.add(value);
        }
    }

    private static Timestamp timestamp(Instant at) {
        return at == null ? null : Timestamp.from(at);
    }

    private static ConversationView view(ResultSet row) throws SQLException {
        return new ConversationView(
                row.getObject("id", UUID.class),
                row.getObject("channel_id", UUID.class),
                new ConversationView.Contact(
                        row.getObject("contact_id", UUID.class), row.getString("name"), row.getString("address")),
                row.getString("status"),
                row.getTimestamp("last_message_at").toInstant());
    }
}
