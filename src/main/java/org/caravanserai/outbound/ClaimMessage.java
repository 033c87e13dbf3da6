package org.caravanserai.outbound;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.caravanserai.conversation.StoreStatus;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.LogContext;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Commits a message as {@code sending} before it is sent, so that after a crash we know that it may have left. Here are
 * also the checks of send time: the conversation's earlier messages are final, and no person has taken over.
 */
@Component("claimMessage")
public class ClaimMessage {

    /** The exchange property of a {@link JustClaimed} message. */
    public static final String JUST_CLAIMED = "HubJustClaimed";

    private static final Duration SUSPECT_WAITS = Duration.ofSeconds(1);

    private static final String FIRST = """
            not exists (select 1 from messages e where e.conversation_id = m.conversation_id
              and e.due_at is not null and e.position < m.position)""";

    private static final String COLUMNS = """
            m.conversation_id as conversationId, m.channel_id as channelId, k.address, m.author, m.text, m.citations,
            c.status as conversationStatus,
            (select i.id from messages i where i.answered_by = m.id order by i.position limit 1) as began,""";

    /** Nearly always: a message that waits for nothing. Found by its id alone, however many others are pending. */
    private static final String CLAIM = """
            with claimed as (
              update messages m set status = 'sending', lease_owner = :me, sending_at = now(), attempts = m.attempts + 1,
                  leased_until = now() + interval '1 second' * :seconds
                where m.id = :id and m.status is not distinct from 'pending' and m.due_at <= now() and m.deaths = 0
                  and (m.lease_owner is null or m.lease_owner = :me) and %s
                  and not (m.author = 'model'
                    and (select c.status = 'assigned_human' from conversations c where c.id = m.conversation_id))
                returning m.id, m.conversation_id, m.channel_id, m.author, m.text, m.citations, m.attempts)
            select %s 'pending' as status, m.attempts - 1 as attempts, null::uuid as leaseOwner, false as ownerAlive,
                true as isFirst, 0 as deaths, 0 as unended
              from claimed m join conversations c on c.id = m.conversation_id join contacts k on k.id = c.contact_id
            """.formatted(FIRST, COLUMNS);

    private static final String LOOK = """
            select %s m.status, m.attempts, m.lease_owner as leaseOwner,
                not hub_claimable(m.lease_owner, m.leased_until, :me)
                  or :stuck and coalesce(m.leased_until > now(), false) as ownerAlive, %s as isFirst,
                m.deaths, hub_unended(m.lease_owner, :me, :unended) as unended
              from messages m join conversations c on c.id = m.conversation_id join contacts k on k.id = c.contact_id
              where m.id = :id and m.status in ('pending', 'sending') and m.direction = 'outbound'
                and (m.due_at <= now() or (m.status = 'sending' and m.lease_owner is not null))
              for update of m""".formatted(COLUMNS, FIRST);

    private final TenantTransactions transactions;
    private final Channels channels;
    private final Instance instance;
    private final InFlight inFlight;
    private final Timeline timeline;
    private final ObjectMapper json;
    private final Wake wake;
    private final WakeLater wakeLater;
    private final Suspects suspects;
    private final RecordSend recordSend;
    private final WorkProperties work;

    private record Row(
            UUID conversationId,
            UUID channelId,
            String address,
            String author,
            String status,
            String text,
            String citations,
            int attempts,
            String conversationStatus,
            UUID leaseOwner,
            boolean ownerAlive,
            boolean isFirst,
            int deaths,
            int unended,
            UUID began) {}

    /**
     * A message that was committed as {@code sending} when it was written, by whom it is sent now.
     *
     * @param id ours
     * @param address the provider's id of the contact
     * @param began the message that it answers, or the first of them
     */
    public record JustClaimed(
            UUID tenantId,
            UUID id,
            UUID conversationId,
            UUID channelId,
            String address,
            String text,
            List<Citation> citations,
            UUID began) {}

    ClaimMessage(
            TenantTransactions transactions,
            Channels channels,
            Instance instance,
            InFlight inFlight,
            Timeline timeline,
            ObjectMapper json,
            Wake wake,
            WakeLater wakeLater,
            Suspects suspects,
            RecordSend recordSend,
            WorkProperties work) {
        this.wakeLater = wakeLater;
        this.suspects = suspects;
        this.recordSend = recordSend;
        this.work = work;
        this.transactions = transactions;
        this.channels = channels;
        this.instance = instance;
        this.inFlight = inFlight;
        this.timeline = timeline;
        this.json = json;
        this.wake = wake;
    }

    /**
     * Claims the message that a wake-up names.
     *
     * @param wakeUp the text of a {@link WakeUp}
     * @return true if it is to be sent now: {@code HubSend} then holds it, {@code HubChannelType} its channel's type
     * @throws PermanentException if its channel is gone
     */
    public boolean claim(String wakeUp, Exchange exchange) {
        WakeUp message = WakeUp.parse(wakeUp);
        if (!inFlight.enter(exchange, WorkKind.SEND, message.id())) {
            return false;
        }
        boolean isUnended = inFlight.isUnended(message.id());
        WakeUps freed = WakeUps.nothing();
        Row row = transactions.in(message.tenantId(), jdbc -> take(jdbc, message, freed, exchange, isUnended));
        wake.all(freed);
        if (row == null) {
            return false;
        }
        toSend(
                exchange,
                new JustClaimed(
                        message.tenantId(),
                        message.id(),
                        row.conversationId,
                        row.channelId,
                        row.address,
                        row.text,
                        citations(row.citations),
                        row.began),
                channels.find(row.channelId)
                        .orElseThrow(() ->
                                new PermanentException("The channel of message " + message.id() + " is gone.", null)),
                row.attempts + 1);
        if (row.deaths >= work.maxAttempts()) {
            inFlight.forget(message.id());
            wake.all(recordSend.giveUp(exchange, row.deaths));
            return false;
        }
        return true;
    }

    /**
     * Goes on from a conversation's turn, which is over, to the send of its reply.
     *
     * @return true if the reply was claimed when it was stored: {@code HubSend} then holds it
     */
    public boolean claimed(Exchange exchange) {
        if (!(exchange.removeProperty(JUST_CLAIMED) instanceof JustClaimed message)) {
            return false;
        }
        Optional<Channel> channel = channels.find(message.channelId);
        if (channel.isEmpty() || !inFlight.goOn(exchange, WorkKind.SEND, message.id)) {
            return false; // it was deleted, or the sweep was here first
        }
        toSend(exchange, message, channel.get(), 1);
        return true;
    }

    private void toSend(Exchange exchange, JustClaimed message, Channel channel, int attempt) {
        exchange.setProperty(
                "HubSend",
                new Send(
                        message.tenantId,
                        message.id,
                        message.conversationId,
                        channel,
                        message.address,
                        message.text,
                        message.citations,
                        attempt,
                        Instant.now()));
        exchange.setProperty("HubChannelType", channel.type());
        LogContext.put(exchange, message.tenantId, message.conversationId, message.id, message.began);
    }

    private Row take(JdbcClient jdbc, WakeUp message, WakeUps freed, Exchange exchange, boolean isUnended) {
        Optional<Row> usual = jdbc.sql(CLAIM)
                .param("me", instance.id())
                .param("id", message.id())
                .param("seconds", work.leaseSeconds(WorkKind.SEND, false))
                .query(Row.class)
                .optional();
        return usual.orElseGet(() -> takeUnusual(jdbc, message, freed, exchange, isUnended));
    }

    /** Those that something stands in the way of: finds out what. */
    private Row takeUnusual(JdbcClient jdbc, WakeUp message, WakeUps freed, Exchange exchange, boolean isUnended) {
        boolean isStuck = inFlight.isStuck(message.id());
        Row row = jdbc.sql(LOOK)
                .param("me", instance.id())
                .param("id", message.id())
                .param("stuck", isStuck)
                .param("unended", isUnended)
                .query(Row.class)
                .optional()
                .orElse(null);
        if (row == null || row.ownerAlive || !row.isFirst) {
            return null;
        }
        if ("sending".equals(row.status) && row.leaseOwner != null) {
            waitForEcho(jdbc, message.id(), row.unended);
            return null;
        }
        if ("model".equals(row.author) && "assigned_human".equals(row.conversationStatus)) {
            jdbc.sql("""
                    update messages set status = 'failed', error = 'A person took over.', due_at = null,
                      next_wake_at = null where id = ?""").param(message.id()).update();
            timeline.record(
                    jdbc, message.tenantId(), message.id(), List.of(Hop.now("handed_over", "not sent", Map.of())));
            StoreStatus.wakeNext(jdbc, message.tenantId(), row.conversationId, freed);
            return null;
        }
        boolean isGivenUp = row.deaths >= work.maxAttempts();
        if (isStuck && !isGivenUp) {
            waitForEcho(
                    jdbc,
                    message.id(),
                    1); // its thread here has not let go of it: that counts, and it is not sent again
            return null;
        }
        if (!isGivenUp && !suspects.enter(inFlight.held(exchange).orElseThrow(), row.deaths)) {
            wakeLater.at("outbound-dispatch", message, Instant.now().plus(SUSPECT_WAITS));
            return null;
        }
        jdbc.sql("""
                update messages set status = 'sending', lease_owner = ?, sending_at = now(), attempts = attempts + 1,
                  leased_until = now() + interval '1 second' * ?, next_wake_at = now() + interval '15 seconds' where id = ?""")
                .params(instance.id(), work.leaseSeconds(WorkKind.SEND, false), message.id())
                .update();
        return row;
    }

    /**
     * The hub that was sending it died, or could not record how it went: it may have left. The provider's statuses that
     * echo our id settle that within 15 s, counted from now, since they too may have waited for us to be back.
     *
     * @param unended 1 if the send was left without an end, else 0
     */
    static void waitForEcho(JdbcClient jdbc, UUID messageId, int unended) {
        jdbc.sql("""
                update messages set lease_owner = null, deaths = deaths + ?, due_at = now() + interval '15 seconds',
                  next_wake_at = now() + interval '15 seconds' where id = ? and status = 'sending'""").params(unended, messageId).update();
    }

    private List<Citation> citations(String stored) {
        try {
            return json.readValue(stored, new TypeReference<List<Citation>>() {});
        } catch (JsonProcessingException ours) {
            throw new PermanentException("The citations of a message cannot be read.", ours);
        }
    }
}
