package org.caravanserai.conversation;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.model.HandOver;
import org.caravanserai.timeline.Hop;
import org.caravanserai.tool.ProposedCalls;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Gives a conversation to a person, in the transaction that stores the reply which says so: once, and announced once. */
@Component
class RecordHandOver {

    private final ConversationViews conversations;
    private final Events events;
    private final ProposedCalls proposed;

    RecordHandOver(ConversationViews conversations, Events events, ProposedCalls proposed) {
        this.conversations = conversations;
        this.events = events;
        this.proposed = proposed;
    }

    /** Adds the hop to those of the reply. The conversation is locked, and was active. */
    void record(JdbcClient jdbc, Turn turn, HandOver handOver, List<Hop> hops, WakeUps woken) {
        Duration timeout = turn.settings().handoverOrDefault().timeout();
        jdbc.sql("""
                update conversations set status = 'assigned_human', due_at = null, next_wake_at = null,
                    hand_over_ends_at = now() + ?::interval where id = ?""")
                .params(timeout == null ? null : timeout.toString(), turn.conversationId())
                .update();
        for (HandOver.Proposal call : handOver.proposals()) {
            proposed.add(
                    jdbc,
                    turn.tenantId(),
                    turn.conversationId(),
                    turn.inbound().getFirst(),
                    call.tool(),
                    call.arguments(),
                    call.key());
        }
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("by", handOver.by());
        if (handOver.reason() != null) {
            detail.put("reason", handOver.reason());
        }
        if (!handOver.proposals().isEmpty()) {
            detail.put(
                    "waitingFor",
                    handOver.proposals().stream().map(HandOver.Proposal::tool).toList());
        }
        hops.add(Hop.now("handed_over", "ok", detail));
        UUID event = events.append(
                jdbc,
                turn.tenantId(),
                "conversation.handed_over",
                turn.inbound().getLast(),
                conversations.find(jdbc, turn.conversationId()).orElseThrow());
        woken.events().add(new WakeUp(turn.tenantId(), event).toString());
    }
}
