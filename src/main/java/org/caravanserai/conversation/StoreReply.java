package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.caravanserai.Ids;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.model.Answer;
import org.caravanserai.outbound.SplitText;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.timeline.Trace;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Ends a turn in one transaction: the reply becomes an outbound message, the messages it covers are answered, the lease
 * is given back. Unless the lease was lost, a person took over, or a message came in while the model was thinking.
 */
@Component("storeReply")
public class StoreReply {

    /** A reply is given up for a newer message at most this many times in a row. */
    private static final int SUPERSEDED_MAX = 3;

    private final TenantTransactions transactions;
    private final Ids ids;
    private final Instance instance;
    private final Timeline timeline;
    private final ObjectMapper json;

    StoreReply(TenantTransactions transactions, Ids ids, Instance instance, Timeline timeline, ObjectMapper json) {
        this.transactions = transactions;
        this.ids = ids;
        this.instance = instance;
        this.timeline = timeline;
        this.json = json;
    }

    /** Stores the model's answer, which is the body. Gives back what is to be woken. */
    public WakeUps answer(Exchange exchange) {
        return store(exchange, exchange.getMessage().getBody(Answer.class), "model");
    }

    /** Stores {@code replies.unsupported}, for a turn whose messages have no text. */
    public WakeUps unsupported(Exchange exchange) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        String text = turn.settings().repliesOrDefault().unsupported();
        return store(exchange, new Answer(text, List.of(), null, "unsupported"), "system");
    }

    /**
     * Stores {@code replies.fallback}, when the turn failed for the last time.
     *
     * @param andSo what is done in the same transaction, if the turn still is ours to end
     */
    WakeUps fallback(Exchange exchange, Consumer<JdbcClient> andSo) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        String text = turn.settings().repliesOrDefault().fallback();
        return store(exchange, new Answer(text, List.of(), null, "fallback"), "system", andSo);
    }

    private WakeUps store(Exchange exchange, Answer answer, String author) {
        return store(exchange, answer, author, jdbc -> {});
    }

    private WakeUps store(Exchange exchange, Answer answer, String author, Consumer<JdbcClient> andSo) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        List<Hop> hops = new ArrayList<>(Trace.of(exchange));
        return transactions.in(turn.tenantId(), jdbc -> {
            WakeUps stored = WakeUps.nothing();
            String status = jdbc.sql(
                            "select status from conversations where id = ? and fence = ? and lease_owner = ? for update")
                    .params(turn.conversationId(), turn.fence(), instance.id())
                    .query(String.class)
                    .optional()
                    .orElse(null);
            if (status == null) {
                return stored; // the lease is another's now, who answers in our place
            }
            if (!"active".equals(status)) {
                release(jdbc, turn, false);
                return stored;
            }
            boolean newer = hasNewer(jdbc, turn);
            if (newer && turn.superseded() < SUPERSEDED_MAX) {
                jdbc.sql("""
                        update conversations set lease_owner = null, attempts = 0, superseded = superseded + 1,
                          next_wake_at = due_at + interval '3 seconds' where id = ?""").param(turn.conversationId()).update();
                stored.answers().add(new WakeUp(turn.tenantId(), turn.conversationId()).toString());
                return stored;
            }
            List<String> parts = SplitText.forChannel(channelType(jdbc, turn.channelId()), answer.text());
            UUID replyId = null;
            for (String part : parts) {
                UUID id = insert(jdbc, turn, answer, author, part);
                stored.sends().add(new WakeUp(turn.tenantId(), id).toString());
                replyId = replyId == null ? id : replyId;
            }
            jdbc.sql("update messages set answered_by = ? where id = any (?)")
                    .param(replyId)
                    .param(SqlArray.of("uuid", turn.inbound()))
                    .update();
            hops.add(Hop.now(
                    "replied", answer.outcome(), Map.of("covers", turn.inbound().size())));
            timeline.record(jdbc, turn.tenantId(), replyId, hops);
            andSo.accept(jdbc);
            release(jdbc, turn, newer);
            if (newer) {
                stored.answers().add(new WakeUp(turn.tenantId(), turn.conversationId()).toString());
            }
            return stored;
        });
    }

    // A statement of its own, after the conversation is locked: one that waits for the lock would not see the message
    // that
    // the lock's holder commits.
    private static boolean hasNewer(JdbcClient jdbc, Turn turn) {
        return jdbc.sql("""
                select exists (select 1 from messages where conversation_id = ? and direction = 'inbound'
                  and answered_by is null and not id = any (?))""")
                .param(turn.conversationId())
                .param(SqlArray.of("uuid", turn.inbound()))
                .query(Boolean.class)
                .single();
    }

    private static String channelType(JdbcClient jdbc, UUID channelId) {
        return jdbc.sql("select type from channels where id = ?")
                .param(channelId)
                .query(String.class)
                .single();
    }

    private UUID insert(JdbcClient jdbc, Turn turn, Answer answer, String author, String text) {
        UUID id = ids.next();
        jdbc.sql("""
                with place as (
                  update conversations set last_position = last_position + 1, last_message_at = now() where id = ?
                    returning last_position)
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, citations, usage, due_at, next_wake_at)
                  select ?, ?, ?, ?, last_position, 'outbound', ?, 'text', ?, 'pending', ?::jsonb, ?::jsonb, now(),
                    now() + interval '3 seconds' from place""")
                .params(
                        turn.conversationId(),
                        id,
                        turn.tenantId(),
                        turn.conversationId(),
                        turn.channelId(),
                        author,
                        text,
                        toJson(answer.citations()),
                        toJson(answer.usage()))
                .update();
        return id;
    }

    /** Gives the lease back; with more to answer, the conversation is due at once. */
    private static void release(JdbcClient jdbc, Turn turn, boolean more) {
        jdbc.sql("""
                update conversations set lease_owner = null, attempts = 0, superseded = 0,
                    first_unanswered_at = case when :more then now() end, due_at = case when :more then now() end,
                    next_wake_at = case when :more then now() + interval '3 seconds' end where id = :id""").param("more", more).param("id", turn.conversationId()).update();
    }

    private String toJson(Object value) {
        try {
            return value == null ? null : json.writeValueAsString(value);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a reply's details are no JSON", ours);
        }
    }
}
