package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.model.Answer;
import org.caravanserai.retrieval.Citation;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads messages as the API and the tenant webhooks show them. */
@Component
public class MessageViews {

    private static final String SELECT = """
            select id, conversation_id, direction, author, type, text, attachments, status, external_id, created_at,
                citations, usage, position
              from messages where\s""";

    private final ObjectReader attachments;
    private final ObjectReader citations;
    private final ObjectReader usage;

    /** A message and its place in its conversation, by which pages go on. */
    public record Placed(MessageView message, long position) {}

    MessageViews(ObjectMapper json) {
        this.attachments = json.readerFor(new TypeReference<List<Map<String, Object>>>() {});
        this.citations = json.readerFor(new TypeReference<List<Citation>>() {});
        this.usage = json.readerFor(Answer.Usage.class);
    }

    /** One look-up by primary key: it is called for each event of each message. */
    public Optional<MessageView> find(JdbcClient jdbc, UUID id) {
        return jdbc.sql(SELECT + "id = ?").param(id).query((row, n) -> view(row)).optional();
    }

    /** The conversation's messages after a place in it, oldest first. */
    List<Placed> after(JdbcClient jdbc, UUID conversationId, long position, int limit) {
        return jdbc.sql(SELECT + "conversation_id = ? and position > ? order by position limit ?")
                .params(conversationId, position, limit)
                .query((row, n) -> new Placed(view(row), row.getLong("position")))
                .list();
    }

    private MessageView view(ResultSet row) throws SQLException {
        return new MessageView(
                row.getObject("id", UUID.class),
                row.getObject("conversation_id", UUID.class),
                row.getString("direction"),
                row.getString("author"),
                row.getString("type"),
                row.getString("text"),
                list(attachments, row.getString("attachments")),
                row.getString("status"),
                row.getString("external_id"),
                row.getTimestamp("created_at").toInstant(),
                list(citations, row.getString("citations")),
                read(usage, row.getString("usage")));
    }

    private static <T> List<T> list(ObjectReader reader, String stored) {
        return "[]".equals(stored) ? List.of() : read(reader, stored);
    }

    private static <T> T read(ObjectReader reader, String stored) {
        try {
            return stored == null ? null : reader.readValue(stored);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a stored message cannot be read", ours);
        }
    }
}
