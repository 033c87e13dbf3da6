package org.caravanserai.conversation;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.model.Question;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Tenants;
import org.caravanserai.timeline.LogContext;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Takes the lease of a conversation that is due, so that its messages are handled in order and never two at once. */
@Component("claimConversation")
public class ClaimConversation {

    private static final int UNANSWERED_MAX = 50;

    private final TenantTransactions transactions;
    private final Tenants tenants;
    private final Admission admission;
    private final Instance instance;
    private final InFlight inFlight;
    private final WakeLater wakeLater;

    private record Lease(UUID channelId, UUID contactId, long fence, int attempts, int superseded) {}

    private record Inbound(UUID id, String type, String text, long position) {}

    ClaimConversation(
            TenantTransactions transactions,
            Tenants tenants,
            Admission admission,
            Instance instance,
            InFlight inFlight,
            WakeLater wakeLater) {
        this.transactions = transactions;
        this.tenants = tenants;
        this.admission = admission;
        this.instance = instance;
        this.inFlight = inFlight;
        this.wakeLater = wakeLater;
    }

    /**
     * Claims the conversation that a wake-up names.
     *
     * @param wakeUp the text of a {@link WakeUp}
     * @return true if there is something to answer: {@code HubTurn} and {@code HubQuestion} then say what
     */
    public boolean claim(String wakeUp, Exchange exchange) {
        WakeUp conversation = WakeUp.parse(wakeUp);
        if (!admission.enter(exchange, conversation.tenantId())) {
            leaveWaiting(conversation);
            return false;
        }
        if (!inFlight.enter(exchange, conversation.id())) {
            return false;
        }
        TenantSettings settings = tenants.settings(conversation.tenantId());
        Question question =
                transactions.in(conversation.tenantId(), jdbc -> take(jdbc, conversation, settings, exchange));
        return question != null;
    }

    /** There is no place for its tenant now. {@link NextConversations} takes it when there is. */
    private void leaveWaiting(WakeUp conversation) {
        int left = transactions.in(
                conversation.tenantId(),
                jdbc -> jdbc.sql("""
                update conversations set waiting_since = now(), next_wake_at = now() + interval '1 minute'
                  where id = ? and due_at <= now() and status = 'active' and waiting_since is null
                    and (lease_owner is null or not hub_alive(lease_owner))""").param(conversation.id()).update());
        if (left > 0) {
            admission.waits();
        }
    }

    private Question take(JdbcClient jdbc, WakeUp conversation, TenantSettings settings, Exchange exchange) {
        Lease lease = jdbc.sql("""
                update conversations set lease_owner = ?, fence = fence + 1, attempts = attempts + 1,
                    waiting_since = null, next_wake_at = now() + interval '15 seconds'
                  where id = ? and due_at <= now() and status = 'active'
                    and (lease_owner is null or lease_owner = ? or not hub_alive(lease_owner))
                  returning channel_id as channelId, contact_id as contactId, fence, attempts, superseded""")
                .params(instance.id(), conversation.id(), instance.id())
                .query(Lease.class)
                .optional()
                .orElse(null);
        if (lease == null) {
            dueLater(jdbc, conversation);
            return null;
        }
        List<Inbound> unanswered = jdbc.sql("""
                select id, type, text, position from messages
                  where conversation_id = ? and direction = 'inbound' and answered_by is null order by position limit ?""")
                .params(conversation.id(), UNANSWERED_MAX)
                .query(Inbound.class)
                .list();
        if (unanswered.isEmpty()) {
            jdbc.sql("""
                    update conversations set lease_owner = null, due_at = null, next_wake_at = null, attempts = 0,
                      first_unanswered_at = null where id = ?""").param(conversation.id()).update();
            return null;
        }
        UUID first = unanswered.getFirst().id();
        LogContext.put(exchange, conversation.tenantId(), conversation.id(), first, first);
        List<String> texts =
                unanswered.stream().map(Inbound::text).filter(Objects::nonNull).toList();
        exchange.setProperty(
                "HubTurn",
                new Turn(
                        conversation.tenantId(),
                        conversation.id(),
                        lease.channelId,
                        lease.contactId,
                        lease.fence,
                        lease.attempts,
                        lease.superseded,
                        settings,
                        unanswered.stream().map(Inbound::id).toList(),
                        texts.isEmpty()));
        Question question = new Question(
                conversation.tenantId(),
                settings,
                texts,
                history(jdbc, conversation.id(), unanswered.getFirst().position, settings),
                List.of());
        exchange.setProperty("HubQuestion", question);
        return question;
    }

    private static List<Question.Turn> history(
            JdbcClient jdbc, UUID conversationId, long before, TenantSettings settings) {
        return jdbc.sql("""
                select author, text from (
                  select author, text, position from messages
                    where conversation_id = ? and position < ? and text is not null and status <> 'failed'
                    order by position desc limit ?) newest order by position""")
                .params(conversationId, before, settings.historyOrDefault().maxMessages())
                .query(Question.Turn.class)
                .list();
    }

    // A wake-up that came before its time: a later message moved the burst's end.
    private void dueLater(JdbcClient jdbc, WakeUp conversation) {
        jdbc.sql("select due_at from conversations where id = ? and due_at > now() and lease_owner is null")
                .param(conversation.id())
                .query((row, n) -> row.getTimestamp(1))
                .optional()
                .map(Timestamp::toInstant)
                .filter(due -> due.isBefore(Instant.now().plusSeconds(30)))
                .ifPresent(due -> wakeLater.at("conversation-answer", conversation, due));
    }
}
