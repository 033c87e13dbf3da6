package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.caravanserai.Ids;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.model.Answer;
import org.caravanserai.model.HandOver;
import org.caravanserai.model.PromptRecord;
import org.caravanserai.outbound.ClaimMessage;
import org.caravanserai.outbound.SplitText;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Writes;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.timeline.Trace;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Ends a turn in one transaction: the reply becomes an outbound message, the messages it covers are answered, the lease
 * is given back. Unless the lease was lost, a person took over, or a message came in while the model was thinking.
 */
@Component("storeReply")
public class StoreReply {

    /** Exchange property: the id that the reply is to have, where it was shown before it is stored. */
    static final String REPLY_ID = "HubReplyId";

    /** Exchange property: there if the reply was stored. */
    static final String STORED = "HubReplyStored";

    /** A reply is given up for a newer message at most this many times in a row. */
    private static final int SUPERSEDED_MAX = 3;

    private final TenantTransactions transactions;
    private final Ids ids;
    private final Instance instance;
    private final InFlight inFlight;
    private final ContactLimit limit;
    private final Timeline timeline;
    private final RecordHandOver recordHandOver;
    private final PromptRecord prompts;
    private final ObjectMapper json;
    private final WorkProperties work;

    /** What is found once the conversation is locked. @param isUnsent whether an earlier message is still on its way */
    private record Found(boolean isNewer, boolean isUnsent) {}

    /** @param isClaimed whether its first part is committed as being sent by this hub, who sends it at once */
    private record Reply(List<UUID> ids, List<String> parts, String author, Answer answer, boolean isClaimed) {

        ClaimMessage.JustClaimed send(Turn turn) {
            return new ClaimMessage.JustClaimed(
                    turn.tenantId(),
                    ids.getFirst(),
                    turn.conversationId(),
                    turn.channelId(),
                    turn.contact().address(),
                    parts.getFirst(),
                    answer.citations(),
                    turn.inbound().getFirst());
        }
    }

    /** @param left what is to be woken. @param reply null if none was stored */
    private record Ended(WakeUps left, Reply reply) {}

    StoreReply(
            TenantTransactions transactions,
            Ids ids,
            Instance instance,
            InFlight inFlight,
            ContactLimit limit,
            Timeline timeline,
            RecordHandOver recordHandOver,
            PromptRecord prompts,
            ObjectMapper json,
            WorkProperties work) {
        this.work = work;
        this.limit = limit;
        this.prompts = prompts;
        this.recordHandOver = recordHandOver;
        this.transactions = transactions;
        this.ids = ids;
        this.instance = instance;
        this.inFlight = inFlight;
        this.timeline = timeline;
        this.json = json;
    }

    /**
     * Stores the model's answer, which is the body; with {@code HubHandOver} the conversation is a person's from then on, and
     * the answer is the text that says so. Gives back what is to be woken.
     */
    public WakeUps answer(Exchange exchange) {
        HandOver handOver = exchange.getProperty(HandOver.PROPERTY, HandOver.class);
        Answer answer = exchange.getMessage().getBody(Answer.class);
        return store(exchange, answer, handOver == null ? "model" : "system", handOver, true, jdbc -> {});
    }

    /** Stores {@code replies.unsupported}, for a turn whose messages have no text. */
    public WakeUps unsupported(Exchange exchange) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        String text = turn.settings().repliesOrDefault().unsupported();
        return store(exchange, new Answer(text, List.of(), null, "unsupported"), "system", null, true, jdbc -> {});
    }

    /**
     * Stores {@code replies.fallback}, when the turn failed for the last time.
     *
     * @param andSo what is done in the same transaction, if the turn still is ours to end
     */
    WakeUps fallback(Exchange exchange, Consumer<JdbcClient> andSo) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        String text = turn.settings().repliesOrDefault().fallback();
        return store(exchange, new Answer(text, List.of(), null, "fallback"), "system", null, false, andSo);
    }

    /** @param sendsAtOnce whether the exchange goes on with the send, if nothing stands in its way */
    private WakeUps store(
            Exchange exchange,
            Answer answer,
            String author,
            HandOver handOver,
            boolean sendsAtOnce,
            Consumer<JdbcClient> andSo) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        List<Hop> hops = new ArrayList<>(Trace.of(exchange));
        UUID shown = exchange.getProperty(REPLY_ID, UUID.class);
        Ended ended = transactions.in(turn.tenantId(), jdbc -> {
            WakeUps stored = WakeUps.nothing();
            String status = jdbc.sql(
                            "select status from conversations where id = ? and fence = ? and lease_owner = ? for update")
                    .params(turn.conversationId(), turn.fence(), instance.id())
                    .query(String.class)
                    .optional()
                    .orElse(null);
            // locked till the commit and not this turn's from then on: whoever is woken must find it free here too
            inFlight.leave(exchange);
            if (!"active".equals(status)) {
                keepCalls(jdbc, turn, hops);
                if (status != null) { // else the lease is another's now, who answers in our place
                    release(jdbc, turn);
                }
                return new Ended(stored, null);
            }
            Found found = look(jdbc, turn);
            boolean newer = found.isNewer;
            if (newer && turn.superseded() < SUPERSEDED_MAX && !isFull(turn)) {
                jdbc.sql("""
                        update conversations set lease_owner = null, attempts = 0, deaths = 0, superseded = superseded + 1,
                          next_wake_at = due_at + interval '10 seconds' where id = ?""").param(turn.conversationId()).update();
                stored.answers().add(new WakeUp(turn.tenantId(), turn.conversationId()).toString());
                keepCalls(jdbc, turn, hops);
                return new Ended(stored, null);
            }
            List<String> parts = SplitText.forChannel(turn.channelType(), answer.text());
            List<UUID> replies =
                    new ArrayList<>(parts.stream().map(part -> ids.next()).toList());
            if (shown != null) {
                replies.set(0, shown);
            }
            // what waits for a person's approval is answered after it
            boolean isAnswered = handOver == null || handOver.proposals().isEmpty();
            boolean isClaimed = sendsAtOnce && !found.isUnsent;
            Writes writes = new Writes();
            Reply reply = new Reply(replies, parts, author, answer, isClaimed);
            finish(writes, turn, reply, newer, isAnswered ? turn.inbound() : List.of());
            if (!isClaimed) { // the other parts follow each the one before
                stored.sends().add(new WakeUp(turn.tenantId(), replies.getFirst()).toString());
            }
            hops.add(Hop.now(
                    "replied", answer.outcome(), Map.of("covers", turn.inbound().size())));
            PromptRecord.Kept prompt = exchange.getProperty(PromptRecord.PROPERTY, PromptRecord.Kept.class);
            if (prompt != null) {
                prompts.add(writes, turn.tenantId(), replies.getFirst(), prompt);
            }
            if (handOver != null) {
                writes.run(jdbc); // what is recorded next is of the conversation as it is then
                writes = new Writes();
                recordHandOver.record(jdbc, turn, handOver, hops, stored);
            }
            // on the message itself where nothing links it to the reply
            UUID told = isAnswered ? replies.getFirst() : turn.inbound().getFirst();
            timeline.add(
                    writes,
                    turn.tenantId(),
                    hops.stream().map(hop -> new Timeline.Entry(told, hop)).toList());
            writes.run(jdbc);
            andSo.accept(jdbc);
            if (newer && handOver == null) {
                stored.answers().add(new WakeUp(turn.tenantId(), turn.conversationId()).toString());
            }
            return new Ended(stored, reply);
        });
        if (ended.reply != null) {
            exchange.setProperty(STORED, true);
            if (ended.reply.isClaimed) {
                exchange.setProperty(ClaimMessage.JUST_CLAIMED, ended.reply.send(turn));
            }
        }
        return ended.left;
    }

    /** The reply is dropped; what its tools did has happened. */
    private void keepCalls(JdbcClient jdbc, Turn turn, List<Hop> hops) {
        List<Hop> called =
                hops.stream().filter(hop -> hop.stage().equals("tool")).toList();
        timeline.record(jdbc, turn.tenantId(), turn.inbound().getFirst(), called);
    }

    // A statement of its own, after the conversation is locked: one that waits for the lock would not see the
    // message that the lock's holder commits.
    private static Found look(JdbcClient jdbc, Turn turn) {
        return jdbc.sql("""
                select exists (select 1 from messages where conversation_id = :conversation and direction = 'inbound'
                    and answered_by is null and not id = any (:inbound)) as isNewer,
                  exists (select 1 from messages where conversation_id = :conversation and due_at is not null) as isUnsent""")
                .param("conversation", turn.conversationId())
                .param("inbound", SqlArray.of("uuid", turn.inbound()))
                .query(Found.class)
                .single();
    }

    /**
     * Adds the reply in its parts, marks what it answers, and gives the lease back; with more to answer, the conversation is
     * due at once, or when its contact is no longer held for writing too much.
     */
    private void finish(Writes writes, Turn turn, Reply reply, boolean more, List<UUID> answered) {
        Duration hold = more && isFull(turn) ? limit.betweenFullAnswers() : null;
        Map<String, Object> conversation = new HashMap<>(); // which holds null, where nothing is held
        conversation.put("count", reply.ids.size());
        conversation.put("more", more);
        conversation.put("hold", hold == null ? null : hold.toString());
        conversation.put("conversation", turn.conversationId());
        writes.add("conversation", """
                update conversations set last_position = last_position + :count, last_message_at = now(),
                    lease_owner = null, attempts = 0, deaths = 0, superseded = 0,
                    first_unanswered_at = case when :more then now() end,
                    held_until = greatest(held_until, now() + :hold::interval),
                    due_at = case when :more then greatest(now(), held_until, now() + :hold::interval) end,
                    next_wake_at = case when :more then greatest(now(), held_until, now() + :hold::interval)
                      + interval '10 seconds' end
                  where id = :conversation
                  returning last_position""", conversation);
        writes.add(
                "answered",
                "update messages set answered_by = :first where id = any (:inbound)",
                Map.of("first", reply.ids.getFirst(), "inbound", SqlArray.of("uuid", answered)));
        Map<String, Object> fields = new HashMap<>(); // which holds null, where there is no usage
        fields.put("tenant", turn.tenantId());
        fields.put("channel", turn.channelId());
        fields.put("author", reply.author);
        fields.put("citations", toJson(reply.answer.citations()));
        fields.put("usage", toJson(reply.answer.usage()));
        fields.put("ids", SqlArray.of("uuid", reply.ids));
        fields.put("texts", SqlArray.of("text", reply.parts));
        fields.put("claimed", reply.isClaimed ? 1 : 0);
        fields.put("me", instance.id());
        fields.put("leaseSeconds", work.leaseSeconds(WorkKind.SEND, false));
        writes.add("reply", """
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, citations, usage, due_at, next_wake_at, attempts, lease_owner, leased_until, sending_at)
                  select p.id, :tenant, :conversation, :channel, c.last_position - :count + p.n, 'outbound', :author, 'text',
                      p.text, case when p.n <= :claimed then 'sending' else 'pending' end, :citations::jsonb, :usage::jsonb,
                      now(), now() + interval '10 seconds', case when p.n <= :claimed then 1 else 0 end,
                      case when p.n <= :claimed then :me::uuid end,
                      case when p.n <= :claimed then now() + interval '1 second' * :leaseSeconds end,
                      case when p.n <= :claimed then now() end
                    from conversation c, unnest(:ids, :texts) with ordinality as p (id, text, n)""", fields);
    }

    /** A newer message would find no place in it. */
    private static boolean isFull(Turn turn) {
        return turn.inbound().size() >= ClaimConversation.UNANSWERED_MAX;
    }

    /** Gives the lease back, with nothing to answer. */
    private static void release(JdbcClient jdbc, Turn turn) {
        jdbc.sql("""
                update conversations set lease_owner = null, attempts = 0, deaths = 0, superseded = 0, first_unanswered_at = null,
                  due_at = null, next_wake_at = null where id = ?""").param(turn.conversationId()).update();
    }

    private String toJson(Object value) {
        try {
            return value == null ? null : json.writeValueAsString(value);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a reply's details are no JSON", ours);
        }
    }
}
