package org.caravanserai.tool;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/**
 * What tools did that may not be done twice. A turn that is begun again, because a message came in meanwhile or because it
 * failed, finds here what an earlier turn of the same messages did.
 */
@Component
public class CallResults {

    private static final int MAX_FACTS = 10;

    private final TenantTransactions transactions;

    CallResults(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /** A call and what came of it. @param arguments JSON */
    public record Made(String tool, String arguments, String outcome, String result) {}

    /** The same call, if it went well in the making of another answer. */
    public Optional<ToolResult> before(UUID tenantId, UUID messageId, String key, UUID answerId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select outcome, result as text from tool_results"
                        + " where message_id = ? and key = ? and answer_id <> ? and outcome = 'ok'")
                .params(messageId, key, answerId)
                .query(ToolResult.class)
                .optional());
    }

    /** All calls for these messages, oldest first. */
    public List<Made> all(UUID tenantId, UUID messageId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select tool, arguments, outcome, result from tool_results"
                        + " where message_id = ? order by at limit " + MAX_FACTS)
                .param(messageId)
                .query(Made.class)
                .list());
    }

    /** Keeps what a call did. One that did not go well, and was made again, counts as it went last. */
    public void keep(UUID tenantId, UUID messageId, String key, UUID answerId, Made call) {
        transactions.run(tenantId, jdbc -> jdbc.sql("""
                        insert into tool_results as r
                            (message_id, key, tenant_id, answer_id, tool, arguments, outcome, result)
                          select m.id, ?, ?, ?, ?, ?, ?, ? from messages m where m.id = ?
                          on conflict (message_id, key) do update set answer_id = excluded.answer_id,
                            outcome = excluded.outcome, result = excluded.result where r.outcome <> 'ok'""")
                .params(key, tenantId, answerId, call.tool, call.arguments, call.outcome, call.result, messageId)
                .update());
    }
}
