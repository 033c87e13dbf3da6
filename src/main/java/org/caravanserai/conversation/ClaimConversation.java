package org.caravanserai.conversation;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.model.Question;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Tenants;
import org.caravanserai.timeline.LogContext;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Takes the lease of a conversation that is due, so that its messages are handled in order and never two at once. */
@Component("claimConversation")
public class ClaimConversation {

    /** So many messages one answer covers at most. */
    static final int UNANSWERED_MAX = 50;

    private static final Duration SUSPECT_WAITS = Duration.ofSeconds(1);

    private final TenantTransactions transactions;
    private final Tenants tenants;
    private final Admission admission;
    private final Instance instance;
    private final InFlight inFlight;
    private final Suspects suspects;
    private final FailTurn failTurn;
    private final Wake wake;
    private final WakeLater wakeLater;
    private final WorkProperties work;

    private record Lease(
            UUID channelId,
            String channelType,
            UUID contactId,
            String name,
            String address,
            long fence,
            int attempts,
            int deaths,
            int superseded) {}

    /** What is to be done with what was claimed. */
    private enum Claimed {
        NOTHING,
        ANSWER,
        GIVE_UP,
        WAIT
    }

    private record Said(UUID id, String author, String text, boolean isUnanswered) {}

    ClaimConversation(
            TenantTransactions transactions,
            Tenants tenants,
            Admission admission,
            Instance instance,
            InFlight inFlight,
            Suspects suspects,
            FailTurn failTurn,
            Wake wake,
            WakeLater wakeLater,
            WorkProperties work) {
        this.transactions = transactions;
        this.tenants = tenants;
        this.admission = admission;
        this.instance = instance;
        this.inFlight = inFlight;
        this.suspects = suspects;
        this.failTurn = failTurn;
        this.wake = wake;
        this.wakeLater = wakeLater;
        this.work = work;
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
        if (!inFlight.enter(exchange, WorkKind.TURN, conversation.id())) {
            return false;
        }
        InFlight.Held held = inFlight.held(exchange).orElseThrow();
        if (exchange.getProperty(Admission.PLACE) instanceof Admission.Place place) {
            held.whenOverdue(place::leave);
        }
        boolean isUnended = inFlight.isUnended(conversation.id());
        TenantSettings settings = tenants.settings(conversation.tenantId());
        Claimed claimed = transactions.in(
                conversation.tenantId(), jdbc -> take(jdbc, conversation, settings, exchange, isUnended));
        if (claimed == Claimed.GIVE_UP) {
            inFlight.forget(conversation.id());
            wake.all(failTurn.giveUp(exchange));
        } else if (claimed == Claimed.WAIT) {
            wakeLater.at("conversation-due", conversation, Instant.now().plus(SUSPECT_WAITS));
        }
        return claimed == Claimed.ANSWER;
    }

    /** There is no place for its tenant now. {@link NextConversations} takes it when there is. */
    private void leaveWaiting(WakeUp conversation) {
        int left = transactions.in(
                conversation.tenantId(),
                jdbc -> jdbc.sql("""
                update conversations set waiting_since = now(), next_wake_at = now() + interval '1 minute'
                  where id = ? and due_at <= now() and status = 'active' and waiting_since is null
                    and hub_claimable(lease_owner, leased_until, null)""").param(conversation.id()).update());
        if (left > 0) {
            admission.waits();
        }
    }

    private Claimed take(
            JdbcClient jdbc, WakeUp conversation, TenantSettings settings, Exchange exchange, boolean isUnended) {
        boolean isStuck = inFlight.isStuck(conversation.id());
        // an attempt that had no end was none that failed
        Lease lease = jdbc.sql("""
                with claimed as (
                  update conversations c set lease_owner = :me, fence = c.fence + 1, waiting_since = null,
                      leased_until = now() + interval '1 second' * :seconds,
                      deaths = c.deaths + hub_unended(c.lease_owner, :me, :unended),
                      attempts = greatest(1, c.attempts + (c.lease_owner is null)::int)
                    where c.id = :id and c.due_at <= now() and c.status = 'active'
                      and hub_claimable(c.lease_owner, c.leased_until, :me)
                      and not (:stuck and coalesce(c.leased_until > now(), false))
                    returning c.channel_id, c.contact_id, c.fence, c.attempts, c.deaths, c.superseded)
                select c.channel_id as channelId, h.type as channelType, k.id as contactId, k.name, k.address, c.fence,
                    c.attempts, c.deaths, c.superseded
                  from claimed c join contacts k on k.id = c.contact_id join channels h on h.id = c.channel_id""")
                .param("me", instance.id())
                .param("id", conversation.id())
                .param("unended", isUnended)
                .param("stuck", isStuck)
                .param("seconds", work.leaseSeconds(WorkKind.TURN, isStuck))
                .query(Lease.class)
                .optional()
                .orElse(null);
        if (lease == null) {
            dueLater(jdbc, conversation);
            return Claimed.NOTHING;
        }
        Map<Boolean, List<Said>> said =
                said(jdbc, conversation.id(), settings).stream().collect(Collectors.partitioningBy(Said::isUnanswered));
        List<Said> unanswered = said.get(true);
        if (unanswered.isEmpty()) {
            jdbc.sql("""
                    update conversations set lease_owner = null, due_at = null, next_wake_at = null, attempts = 0,
                      deaths = 0, first_unanswered_at = null where id = ?""").param(conversation.id()).update();
            return Claimed.NOTHING;
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
                        lease.deaths,
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
        return begin(jdbc, conversation, lease, exchange, isStuck);
    }

    /** Whether it is begun after all that went wrong with it. */
    private Claimed begin(JdbcClient jdbc, WakeUp conversation, Lease lease, Exchange exchange, boolean isStuck) {
        if (lease.deaths >= work.maxAttempts()) {
            return Claimed.GIVE_UP;
        }
        if (isStuck) {
            return Claimed.NOTHING; // the lease goes by, and counts once more
        }
        if (!suspects.enter(inFlight.held(exchange).orElseThrow(), lease.deaths)) {
            jdbc.sql("update conversations set lease_owner = null, attempts = attempts - 1 where id = ?")
                    .param(conversation.id())
                    .update();
            return Claimed.WAIT;
        }
        return Claimed.ANSWER;
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
