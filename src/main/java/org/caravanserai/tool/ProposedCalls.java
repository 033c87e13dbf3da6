package org.caravanserai.tool;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The calls that models want to make and that a person must approve. */
@Component
public class ProposedCalls {

    /** Of a call that has no result, though it began long ago. */
    public static final String LOST = "It was being made when the hub died; what it did is unknown.";

    private static final int MAX_FACTS = 10;
    private static final String COLUMNS =
            "id, conversation_id as conversationId, message_id as messageId, tool, arguments, status, result,"
                    + " created_at as createdAt, decided_at as decidedAt";

    private final TenantTransactions transactions;
    private final Ids ids;

    ProposedCalls(TenantTransactions transactions, Ids ids) {
        this.transactions = transactions;
        this.ids = ids;
    }

    /**
     * A call as the API shows it.
     *
     * @param arguments JSON, as the model wrote it
     * @param status pending; approved while it is made; done or failed after that; refused
     * @param result what the tool told, how it failed, or why it was refused without a person
     */
    @Schema(name = "ToolCallView")
    public record View(
            UUID id,
            UUID conversationId,
            UUID messageId,
            String tool,
            String arguments,

            @Schema(allowableValues = {"pending", "approved", "refused", "done", "failed"})
            String status,

            @JsonInclude(JsonInclude.Include.NON_NULL) String result,
            Instant createdAt,
            @JsonInclude(JsonInclude.Include.NON_NULL) Instant decidedAt) {}

    /** The same call, asked for before. */
    public Optional<View> find(UUID tenantId, UUID messageId, String key) {
        return transactions.in(
                tenantId, jdbc -> jdbc.sql("select " + COLUMNS + " from tool_calls where message_id = ? and key = ?")
                        .params(messageId, key)
                        .query(View.class)
                        .optional());
    }

    /** What persons decided on calls for these messages, oldest first. */
    public List<View> decided(UUID tenantId, UUID messageId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql(
                        "select " + COLUMNS + " from tool_calls where message_id = ? and status in ('done', 'refused')"
                                + " order by id limit " + MAX_FACTS)
                .param(messageId)
                .query(View.class)
                .list());
    }

    /** Adds a call, once. */
    public void add(
            JdbcClient jdbc,
            UUID tenantId,
            UUID conversationId,
            UUID messageId,
            String tool,
            String arguments,
            String key) {
        jdbc.sql("""
                insert into tool_calls (id, tenant_id, conversation_id, message_id, tool, arguments, key)
                  values (?, ?, ?, ?, ?, ?, ?) on conflict (message_id, key) do nothing""")
                .params(
                        ids.next(),
                        tenantId,
                        conversationId,
                        messageId,
                        tool,
                        arguments == null ? "{}" : arguments,
                        key)
                .update();
    }

    /** The calls of a conversation, newest first, before {@code before} when given. */
    public List<View> page(JdbcClient jdbc, UUID conversationId, UUID before, int limit) {
        return jdbc.sql("select " + COLUMNS + " from tool_calls where conversation_id = :conversation"
                        + " and id < :before order by id desc limit :limit")
                .param("conversation", conversationId)
                .param("before", Ids.orGreatest(before))
                .param("limit", limit)
                .query(View.class)
                .list();
    }

    /** One call, locked until the transaction ends. */
    public Optional<View> lock(JdbcClient jdbc, UUID conversationId, UUID id) {
        return jdbc.sql("select " + COLUMNS + " from tool_calls where conversation_id = ? and id = ? for update")
                .params(conversationId, id)
                .query(View.class)
                .optional();
    }

    /** Sets what became of a call. @param result null while there is none */
    public void set(JdbcClient jdbc, UUID id, String status, String result) {
        jdbc.sql("update tool_calls set status = ?, result = ?, decided_at = coalesce(decided_at, now()) where id = ?")
                .params(status, result, id)
                .update();
    }

    /** Whether a call that a person approved is being made now, as far as one can know. */
    public boolean isAnyBeingMade(JdbcClient jdbc, UUID conversationId) {
        return jdbc.sql("select exists (select 1 from tool_calls where conversation_id = ? and status = 'approved'"
                        + " and decided_at > now() - interval '10 minutes')")
                .param(conversationId)
                .query(Boolean.class)
                .single();
    }

    /**
     * Refuses what waits for a person, and what was being made when a hub died.
     *
     * @param why what the model is told of those that waited
     * @return what was refused
     */
    public List<View> refuseAll(JdbcClient jdbc, UUID conversationId, String why) {
        return jdbc.sql("update tool_calls set status = 'refused', decided_at = now(),"
                        + " result = case status when 'pending' then ? else ? end"
                        + " where conversation_id = ? and status in ('pending', 'approved') returning " + COLUMNS)
                .params(why, LOST, conversationId)
                .query(View.class)
                .list();
    }

    /** The key of a locked call. */
    public String key(JdbcClient jdbc, UUID id) {
        return jdbc.sql("select key from tool_calls where id = ?")
                .param(id)
                .query(String.class)
                .single();
    }

    /** Whether the model may have the conversation back: nothing waits, and no person has written since that call. */
    public boolean isOver(JdbcClient jdbc, UUID conversationId, Instant since) {
        return jdbc.sql("""
                        select not exists (select 1 from tool_calls where conversation_id = ? and status in ('pending', 'approved'))
                          and not exists (select 1 from messages where conversation_id = ? and author = 'human' and created_at > ?)""")
                .params(conversationId, conversationId, java.sql.Timestamp.from(since))
                .query(Boolean.class)
                .single();
    }
}
