package org.caravanserai.conversation;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
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

    /** So many messages one answer covers at most. */
    static final int UNANSWERED_MAX = 50;

    private final TenantTransactions transactions;
    private final Tenants tenants;
    private final Admission admission;
    private final Instance instance;
    private final InFlight inFlight;
    private final WakeLater wakeLater;

    private record Lease(
            UUID channelId,
            String channelType,
            UUID contactId,
            String name,
            String address,
            long fence,
            int attempts,
            int superseded) {}

    private record Said(UUID id, String author, String text, boolean isUnanswered) {}

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
        if (!tenants.isEnabled(conversation.tenantId())) {
            return false; // it stays due
        }
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
                with claimed as (
                  update conversations c set lease_owner = ?, fence = c.fence + 1, attempts = c.attempts + 1,
                      waiting_since = null
                    where c.id = ? and c.due_at <= now() and c.status = 'active'
                      and (c.lease_owner is null or c.lease_owner = ? or not hub_alive(c.lease_owner))
                    returning c.channel_id, c.contact_id, c.fence, c.attempts, c.superseded)
                select c.channel_id as channelId, h.type as channelType, k.id as contactId, k.name, k.address, c.fence,
                    c.attempts, c.superseded
                  from claimed c join contacts k on k.id = c.contact_id join channels h on h.id = c.channel_id""")
                .params(instance.id(), conversation.id(), instance.id())
                .query(Lease.class)
                .optional()
                .orElse(null);
        if (lease == null) {
            dueLater(jdbc, conversation);
            return null;
        }
        Map<Boolean, List<Said>> said =
                said(jdbc, conversation.id(), settings).stream().collect(Collectors.partitioningBy(Said::isUnanswered));
        List<Said> unanswered = said.get(true);
        if (unanswered.isEmpty()) {
            jdbc.sql("""
                    update conversations set lease_owner = null, due_at = null, next_wake_at = null, attempts = 0,
                      first_unanswered_at = null where id = ?""").param(conversation.id()).update();
            return null;
        }
        UUID first = unanswered.getFirst().id;
        LogContext.put(exchange, conversation.tenantId(), conversation.id(), first, first);
        List<String> texts =
                unanswered.stream().map(Said::text).filter(Objects::nonNull).toList();
        exchange.setProperty(
                "HubTurn",
                new Turn(
                        conversation.tenantId(),
                        conversation.id(),
                        lease.channelId,
                        lease.channelType,
                        new Turn.Contact(lease.contactId, lease.name, lease.address),
                        lease.fence,
                        lease.attempts,
                        lease.superseded,
                        settings,
                        unanswered.stream().map(Said::id).toList(),
                        texts.isEmpty()));
        Question question = new Question(
                conversation.tenantId(),
                settings,
                texts,
                said.get(false).stream()
                        .map(turn -> new Question.Turn(turn.author, turn.text))
                        .toList(),
                List.of(),
                new Question.Origin(lease.channelId, first, null));
        exchange.setProperty("HubQuestion", question);
        exchange.setProperty("HubConversationId", conversation.id());
        exchange.setProperty("HubMessageId", first);
        return question;
    }

    /** What is unanswered and, before it, the texts that the model is reminded of; oldest first. */
    private static List<Said> said(JdbcClient jdbc, UUID conversationId, TenantSettings settings) {
        return jdbc.sql("""
                with unanswered as (
                  select id, author, text, position from messages
                    where conversation_id = ? and direction = 'inbound' and answered_by is null order by position limit ?
                ), history as (
                  select id, author, text, position from messages
                    where conversation_id = ? and position < (select min(position) from unanswered) and text is not null
                      and status <> 'failed'
                    order by position desc limit ?)
                select id, author, text, position, true as isUnanswered from unanswered
                union all select id, author, text, position, false from history order by position""")
                .params(
                        conversationId,
                        UNANSWERED_MAX,
                        conversationId,
                        settings.historyOrDefault().maxMessages())
                .query(Said.class)
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
                .ifPresent(due -> wakeLater.at("conversation-due", conversation, due));
    }
}
