package org.caravanserai.administration;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.conversation.ConversationView;
import org.caravanserai.conversation.ConversationViews;
import org.caravanserai.conversation.GiveBack;
import org.caravanserai.conversation.MessageView;
import org.caravanserai.conversation.MessageViews;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.outbound.SplitText;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a person does with a conversation: take it, give it back, close it, answer in it. */
@Component
class ConversationDesk {

    private static final String HUMAN = "assigned_human";

    private final TenantTransactions transactions;
    private final ConversationViews conversations;
    private final MessageViews messages;
    private final Events events;
    private final Timeline timeline;
    private final Wake wake;
    private final Ids ids;

    private record Row(String status, UUID channelId, String channelType) {}

    ConversationDesk(
            TenantTransactions transactions,
            ConversationViews conversations,
            MessageViews messages,
            Events events,
            Timeline timeline,
            Wake wake,
            Ids ids) {
        this.transactions = transactions;
        this.conversations = conversations;
        this.messages = messages;
        this.events = events;
        this.timeline = timeline;
        this.wake = wake;
        this.ids = ids;
    }

    /**
     * Sets the status. Given back to the model, what nobody has answered yet is due at once. A person who takes what was
     * handed over keeps it: it no longer goes back by itself.
     */
    ConversationView setStatus(UUID tenantId, UUID id, String status) {
        WakeUps left = WakeUps.nothing();
        ConversationView view = transactions.in(tenantId, jdbc -> {
            Row row = lock(jdbc, id);
            if (!row.status.equals(status)) {
                if (status.equals("active")) {
                    GiveBack.giveBack(jdbc, tenantId, id, left);
                } else {
                    takeFromModel(jdbc, tenantId, id, status, left);
                }
            } else if (status.equals(HUMAN)) {
                keep(jdbc, id);
            }
            return conversations.find(jdbc, id).orElseThrow();
        });
        wake.all(left);
        return view;
    }

    /** Sends a person's message, and takes the conversation from the model. A long text leaves in parts; gives the first. */
    MessageView send(UUID tenantId, UUID id, String text) {
        WakeUps left = WakeUps.nothing();
        MessageView view = transactions.in(tenantId, jdbc -> {
            Row row = lock(jdbc, id);
            if (!row.status.equals(HUMAN)) {
                takeFromModel(jdbc, tenantId, id, HUMAN, left);
            }
            keep(jdbc, id);
            UUID first = null;
            for (String part : SplitText.forChannel(row.channelType, text)) {
                UUID message = insert(jdbc, tenantId, id, row.channelId, part);
                left.sends().add(new WakeUp(tenantId, message).toString());
                first = first == null ? message : first;
            }
            int covered = jdbc.sql("""
                            update messages set answered_by = ?
                              where conversation_id = ? and direction = 'inbound' and answered_by is null""").params(first, id).update();
            jdbc.sql("update conversations set first_unanswered_at = null, last_message_at = now() where id = ?")
                    .param(id)
                    .update();
            timeline.record(jdbc, tenantId, first, List.of(Hop.now("replied", "human", Map.of("covers", covered))));
            return messages.find(jdbc, first).orElseThrow();
        });
        wake.all(left);
        return view;
    }

    private UUID insert(JdbcClient jdbc, UUID tenantId, UUID conversationId, UUID channelId, String text) {
        UUID id = ids.next();
        jdbc.sql("""
                with place as (
                  update conversations set last_position = last_position + 1 where id = ? returning last_position)
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, due_at, next_wake_at)
                  select ?, ?, ?, ?, last_position, 'outbound', 'human', 'text', ?, 'pending', now(),
                    now() + interval '10 seconds' from place""")
                .params(conversationId, id, tenantId, conversationId, channelId, text)
                .update();
        return id;
    }

    /** The conversation's row is the lock under which its messages take their places. */
    private static Row lock(JdbcClient jdbc, UUID id) {
        return jdbc.sql("""
                        select c.status, c.channel_id, h.type as channel_type
                          from conversations c join channels h on h.id = c.channel_id where c.id = ? for update of c""")
                .param(id)
                .query(Row.class)
                .optional()
                .orElseThrow(() -> RejectedException.notFound("The conversation"));
    }

    /** It does not go back to the model by itself. */
    private static void keep(JdbcClient jdbc, UUID id) {
        jdbc.sql("update conversations set hand_over_ends_at = null where id = ? and hand_over_ends_at is not null")
                .param(id)
                .update();
    }

    private void takeFromModel(JdbcClient jdbc, UUID tenantId, UUID id, String status, WakeUps left) {
        jdbc.sql("""
                update conversations set status = ?, hand_over_ends_at = null, due_at = null, next_wake_at = null,
                    attempts = 0, deaths = 0, superseded = 0 where id = ?""").params(status, id).update();
        UUID newest = jdbc.sql("""
                        select id from messages where conversation_id = ? and direction = 'inbound'
                          order by position desc limit 1""").param(id).query(UUID.class).optional().orElse(null);
        boolean isHandOver = status.equals(HUMAN);
        if (isHandOver && newest != null) {
            timeline.record(jdbc, tenantId, newest, List.of(Hop.now("handed_over", "ok", Map.of("by", "api"))));
        }
        UUID event = events.append(
                jdbc,
                tenantId,
                isHandOver ? "conversation.handed_over" : "conversation.resolved",
                newest,
                conversations.find(jdbc, id).orElseThrow());
        left.events().add(new WakeUp(tenantId, event).toString());
    }
}
