package org.caravanserai.conversation;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads conversations as the API and the webhooks show them, in the caller's transaction. */
@Component
public class ConversationViews {

    private static final String SELECT = """
            select c.id, c.channel_id, c.status, c.last_message_at, k.id as contact_id, k.name, k.address
              from conversations c join contacts k on k.id = c.contact_id
            """;

    /**
     * Which conversations a list shows; null takes all.
     *
     * @param from of the last message, inclusive
     * @param to of the last message, exclusive
     * @param text in a message or in the contact's name or address
     */
    public record Filter(String status, UUID channelId, Instant from, Instant to, String text) {}

    public Optional<ConversationView> find(JdbcClient jdbc, UUID id) {
        return jdbc.sql(SELECT + "where c.id = ?")
                .param(id)
                .query((row, n) -> view(row))
                .optional();
    }

    /** Newest first. @param before the last id of the page before, or null */
    public List<ConversationView> page(JdbcClient jdbc, Filter filter, UUID before, int limit) {
        return jdbc.sql(SELECT + """
                          where c.id < :before
                            and (:status::text is null or c.status = :status)
                            and (:channel::uuid is null or c.channel_id = :channel::uuid)
                            and (:from::timestamptz is null or c.last_message_at >= :from::timestamptz)
                            and (:to::timestamptz is null or c.last_message_at < :to::timestamptz)
                            and (:like::text is null or k.name ilike :like or k.address ilike :like
                              or exists (select 1 from messages m where m.conversation_id = c.id and m.text ilike :like))
                          order by c.id desc limit :limit""")
                .param("before", Ids.orGreatest(before))
                .param("status", filter.status)
                .param("channel", filter.channelId)
                .param("from", timestamp(filter.from))
                .param("to", timestamp(filter.to))
                .param("like", like(filter.text))
                .param("limit", limit)
                .query((row, n) -> view(row))
                .list();
    }

    private static ConversationView view(ResultSet row) throws SQLException {
        return new ConversationView(
                row.getObject("id", UUID.class),
                row.getObject("channel_id", UUID.class),
                new ConversationView.ContactView(
                        row.getObject("contact_id", UUID.class), row.getString("name"), row.getString("address")),
                row.getString("status"),
                row.getTimestamp("last_message_at").toInstant());
    }

    private static Timestamp timestamp(Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static String like(String text) {
        return text == null
                ? null
                : "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    }
}
