package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.model.Answer;
import org.caravanserai.retrieval.Citation;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads messages as the API and the webhooks show them, in the caller's transaction. */
@Component
public class MessageViews {

    private static final TypeReference<List<Citation>> CITATIONS = new TypeReference<>() {};
    static final String COLUMNS = "id, conversation_id, direction, author, type, text, attachments, status,"
            + " external_id, created_at, citations, usage, position";

    private final ObjectMapper json;

    /** A message and its place in the conversation, for paging. */
    public record Placed(long position, MessageView message) {}

    MessageViews(ObjectMapper json) {
        this.json = json;
    }

    public Optional<MessageView> find(JdbcClient jdbc, UUID id) {
        return jdbc.sql("select " + COLUMNS + " from messages where id = ?")
                .param(id)
                .query((row, n) -> view(row))
                .optional();
    }

    /** Oldest first. @param after the last position of the page before, or 0 */
    public List<Placed> page(JdbcClient jdbc, UUID conversationId, long after, int limit) {
        return jdbc.sql("select " + COLUMNS
                        + " from messages where conversation_id = ? and position > ? order by position limit ?")
                .params(conversationId, after, limit)
                .query((row, n) -> new Placed(row.getLong("position"), view(row)))
                .list();
    }

    /** Reads {@link #COLUMNS}. */
    MessageView view(ResultSet row) throws SQLException {
        try {
            String usage = row.getString("usage");
            return new MessageView(
                    row.getObject("id", UUID.class),
                    row.getObject("conversation_id", UUID.class),
                    row.getString("direction"),
                    row.getString("author"),
                    row.getString("type"),
                    row.getString("text"),
                    json.readTree(row.getString("attachments")),
                    row.getString("status"),
                    row.getString("external_id"),
                    row.getTimestamp("created_at").toInstant(),
                    json.readValue(row.getString("citations"), CITATIONS),
                    usage == null ? null : json.readValue(usage, Answer.Usage.class));
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("A stored message cannot be read", ours);
        }
    }
}
