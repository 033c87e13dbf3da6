package org.caravanserai.conversation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What people do with conversations: look, take over, write, give back, close. */
@Component
public class Conversations {

    private final TenantTransactions transactions;
    private final Ids ids;
    private final Events events;
    private final Timeline timeline;
    private final MessageViews messages;
    private final ConversationViews conversations;
    private final Wake wake;

    /** The row, locked. @param latestInbound the newest message of the contact; null if there is none */
    private record Locked(String status, UUID channelId, UUID latestInbound) {}

    /** What a transaction leaves: what the caller is shown, and what is to be woken. */
    private record Changed<T>(T view, WakeUps wakeUps) {}

    Conversations(
            TenantTransactions transactions,
            Ids ids,
            Events events,
            Timeline timeline,
            MessageViews messages,
            ConversationViews conversations,
            Wake wake) {
        this.transactions = transactions;
        this.ids = ids;
        this.events = events;
        this.timeline = timeline;
        this.messages = messages;
        this.conversations = conversations;
        this.wake = wake;
    }

    /** Newest first. @param before the last id of the page before, or null */
    public List<ConversationView> list(UUID tenantId, ConversationViews.Filter filter, UUID before, int limit) {
        return transactions.in(tenantId, jdbc -> conversations.list(jdbc, filter, before, limit));
    }

    /** @throws RejectedException 404 if the tenant has no such conversation */
    public ConversationView get(UUID tenantId, UUID id) {
        return transactions.in(tenantId, jdbc -> view(jdbc, id));
    }

    /**
     * Oldest first.
     *
     * @param after the position that the page before ended with; 0 for the first
     * @throws RejectedException 404 if the tenant has no such conversation
     */
    public List<MessageViews.Placed> messages(UUID tenantId, UUID id, long after, int limit) {
        return transactions.in(tenantId, jdbc -> {
            view(jdbc, id);
            return messages.after(jdbc, id, after, limit);
        });
    }

    /**
     * Moves the conversation to a status, once: asked for again, nothing happens. Given back to the model, what was not
     * answered meanwhile becomes due.
     *
     * @param status active, assigned_human or resolved
     * @throws RejectedException 404 if the tenant has no such conversation
     */
    public ConversationView setStatus(UUID tenantId, UUID id, String status) {
        Changed<ConversationView> changed = transactions.in(tenantId, jdbc -> {
            WakeUps wakeUps = WakeUps.nothing();
            Locked locked = lock(jdbc, id);
            if (!locked.status.equals(status)) {
                if ("active".equals(status)) {
                    giveBack(jdbc, tenantId, id, wakeUps);
                } else {
                    take(jdbc, id, status);
                }
                tell(jdbc, tenantId, id, locked.latestInbound, status, wakeUps);
            }
            return new Changed<>(view(jdbc, id), wakeUps);
        });
        wake.all(changed.wakeUps);
        return changed.view;
    }

    /**
     * Writes to the contact as a human, which takes the conversation over and answers all that was not answered.
     *
     * @throws RejectedException 404 if the tenant has no such conversation
     */
    public MessageView reply(UUID tenantId, UUID id, String text) {
        UUID messageId = ids.next();
        Changed<MessageView> changed = transactions.in(tenantId, jdbc -> {
            WakeUps wakeUps = WakeUps.nothing();
            Locked locked = lock(jdbc, id);
            insert(jdbc, tenantId, id, locked.channelId, messageId, text);
            int covers = jdbc.sql("""
                    update messages set answered_by = ?
                      where conversation_id = ? and direction = 'inbound' and answered_by is null""")
                    .params(messageId, id)
                    .update();
            timeline.record(
                    jdbc, tenantId, messageId, List.of(Hop.now("replied", "ok", Map.of("author", "human", "covers", covers))));
            if (!"assigned_human".equals(locked.status)) {
                tell(jdbc, tenantId, id, messageId, "assigned_human", wakeUps);
            }
            wakeUps.sends().add(new WakeUp(tenantId, messageId).toString());
            return new Changed<>(messages.find(jdbc, messageId).orElseThrow(), wakeUps);
        });
        wake.all(changed.wakeUps);
        return changed.view;
    }

    private ConversationView view(JdbcClient jdbc, UUID id) {
        return conversations.find(jdbc, id).orElseThrow(Conversations::notFound);
    }

    private static Locked lock(JdbcClient jdbc, UUID id) {
        return jdbc.sql("""
                select c.status, c.channel_id, (select m.id from messages m where m.conversation_id = c.id
                    and m.direction = 'inbound' order by m.position desc limit 1) as latest_inbound
                  from conversations c where c.id = ? for update""")
                .param(id)
                .query(Locked.class)
                .optional()
                .orElseThrow(Conversations::notFound);
    }

    private static void giveBack(JdbcClient jdbc, UUID tenantId, UUID id, WakeUps wakeUps) {
        boolean isDue = jdbc.sql("""
                with waiting as (select exists (select 1 from messages
                    where conversation_id = :id and direction = 'inbound' and answered_by is null) as any)
                update conversations set status = 'active', attempts = 0, superseded = 0,
                    due_at = case when w.any then now() end,
                    first_unanswered_at = case when w.any then now() end,
                    next_wake_at = case when w.any then now() + interval '3 seconds' end
                  from waiting w where id = :id returning w.any""")
                .param("id", id)
                .query(Boolean.class)
                .single();
        if (isDue) {
            wakeUps.answers().add(new WakeUp(tenantId, id).toString());
        }
    }

    private static void take(JdbcClient jdbc, UUID id, String status) {
        jdbc.sql("""
                update conversations set status = ?, due_at = null, next_wake_at = null, first_unanswered_at = null
                  where id = ?""")
                .params(status, id)
                .update();
    }

    private static void insert(
            JdbcClient jdbc, UUID tenantId, UUID id, UUID channelId, UUID messageId, String text) {
        jdbc.sql("""
                with place as (
                  update conversations set last_position = last_position + 1, status = 'assigned_human', due_at = null,
                      next_wake_at = null, first_unanswered_at = null, last_message_at = now()
                    where id = ? returning last_position)
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, due_at, next_wake_at)
                  select ?, ?, ?, ?, last_position, 'outbound', 'human', 'text', ?, 'pending', now(),
                    now() + interval '3 seconds' from place""")
                .params(id, messageId, tenantId, id, channelId, text)
                .update();
    }

    /** Tells tenant systems and the timeline that the status changed; of giving back there is no event. */
    private void tell(JdbcClient jdbc, UUID tenantId, UUID id, UUID messageId, String status, WakeUps wakeUps) {
        if ("active".equals(status)) {
            return;
        }
        boolean isHandOver = "assigned_human".equals(status);
        if (isHandOver && messageId != null) {
            timeline.record(
                    jdbc,
                    tenantId,
                    messageId,
                    List.of(new Hop("handed_over", "ok", Instant.now(), null, Map.of("by", "api"))));
        }
        String type = isHandOver ? "conversation.handed_over" : "conversation.resolved";
        UUID event = events.append(jdbc, tenantId, type, messageId, view(jdbc, id));
        wakeUps.events().add(new WakeUp(tenantId, event).toString());
    }

    private static RejectedException notFound() {
        return RejectedException.notFound("The conversation");
    }
}
