package org.caravanserai.conversation;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.tool.ProposedCalls;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Gives a conversation back to the model that no person answered within {@code handover.timeout}. */
@Component("endHandOver")
public class EndHandOver {

    private final TenantTransactions transactions;
    private final ProposedCalls proposed;
    private final Timeline timeline;

    EndHandOver(TenantTransactions transactions, ProposedCalls proposed, Timeline timeline) {
        this.transactions = transactions;
        this.proposed = proposed;
        this.timeline = timeline;
    }

    /**
     * Ends the hand-over, unless a person answered meanwhile or a call that a person approved is being made. Calls that wait
     * for an approval are refused: the model would only hand over again.
     *
     * @param row the conversation, as text of a {@link WakeUp}
     * @return what is to be woken
     */
    public WakeUps end(String row) {
        WakeUp conversation = WakeUp.parse(row);
        WakeUps left = WakeUps.nothing();
        transactions.run(conversation.tenantId(), jdbc -> {
            if (!isOver(jdbc, conversation.id())) {
                return;
            }
            if (proposed.isAnyBeingMade(jdbc, conversation.id())) {
                jdbc.sql("update conversations set hand_over_ends_at = now() + interval '1 minute' where id = ?")
                        .param(conversation.id())
                        .update();
                return;
            }
            for (ProposedCalls.View call : proposed.refuseAll(jdbc, conversation.id(), "Nobody approved it in time.")) {
                Hop hop = Hop.now("tool", "refused", Map.of("tool", call.tool(), "callId", call.id(), "by", "timeout"));
                timeline.record(jdbc, conversation.tenantId(), call.messageId(), List.of(hop));
            }
            GiveBack.giveBack(jdbc, conversation.tenantId(), conversation.id(), left);
            jdbc.sql("""
                            select id from messages where conversation_id = ? and direction = 'inbound'
                              order by position desc limit 1""")
                    .param(conversation.id())
                    .query(UUID.class)
                    .optional()
                    .ifPresent(newest -> timeline.record(
                            jdbc,
                            conversation.tenantId(),
                            newest,
                            List.of(Hop.now("handed_over", "timed_out", Map.of("to", "model")))));
        });
        return left;
    }

    /** Locks the conversation first: a person who answers at the same moment does so before or after it. */
    private static boolean isOver(JdbcClient jdbc, UUID id) {
        return jdbc.sql("""
                        select coalesce(status = 'assigned_human' and hand_over_ends_at <= now(), false) from conversations
                          where id = ? for update""").param(id).query(Boolean.class).optional().orElse(false);
    }
}
