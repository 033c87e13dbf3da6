package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.Exchange;
import org.caravanserai.failure.DeadLetters;
import org.caravanserai.failure.GivenUp;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.timeline.Trace;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What becomes of a turn that failed: tried again with backoff, in the end the fallback reply and a dead letter. */
@Component("failTurn")
public class FailTurn {

    private static final Logger LOG = LoggerFactory.getLogger(FailTurn.class);

    private final TenantTransactions transactions;
    private final Instance instance;
    private final InFlight inFlight;
    private final DeadLetters deadLetters;
    private final GivenUp givenUp;
    private final StoreReply storeReply;
    private final MessageViews messages;
    private final Timeline timeline;
    private final ObjectMapper json;
    private final int attemptsMax;

    FailTurn(
            TenantTransactions transactions,
            Instance instance,
            InFlight inFlight,
            DeadLetters deadLetters,
            GivenUp givenUp,
            StoreReply storeReply,
            MessageViews messages,
            Timeline timeline,
            ObjectMapper json,
            WorkProperties work) {
        this.inFlight = inFlight;
        this.givenUp = givenUp;
        this.attemptsMax = work.maxAttempts();
        this.timeline = timeline;
        this.transactions = transactions;
        this.instance = instance;
        this.deadLetters = deadLetters;
        this.storeReply = storeReply;
        this.messages = messages;
        this.json = json;
    }

    /** Gives the lease back; due again after 1 s, 4 s, 16 s, 64 s, with jitter. Gives back what is to be woken now. */
    public WakeUps fail(Exchange exchange) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        Throwable cause =
                inFlight.held(exchange).filter(InFlight.Held::wasOverdue).isPresent()
                        ? new RetryableException("The answer took too long and was stopped.", null)
                        : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (turn == null) {
            LOG.warn("A conversation could not be claimed; it stays due: {}", cause.toString());
            return WakeUps.nothing();
        }
        if (cause instanceof PermanentException || turn.attempts() >= attemptsMax) {
            return storeReply.fallback(
                    exchange, jdbc -> deadLetters.add(jdbc, work(jdbc, turn, turn.attempts()), cause));
        }
        LOG.warn("A turn of conversation {} failed; it is tried again", turn.conversationId(), cause);
        double seconds =
                Math.pow(4, turn.attempts() - 1.0) * ThreadLocalRandom.current().nextDouble(0.8, 1.2);
        // what its tools did has happened, though the turn begins again
        List<Hop> called = Trace.of(exchange).stream()
                .filter(hop -> hop.stage().equals("tool"))
                .toList();
        transactions.run(turn.tenantId(), jdbc -> {
            timeline.record(jdbc, turn.tenantId(), turn.inbound().getFirst(), called);
            jdbc.sql("""
                        update conversations set lease_owner = null,
                            due_at = case when status = 'active' then now() + interval '1 second' * ? end,
                            next_wake_at = case when status = 'active' then now() + interval '1 second' * ? end
                          where id = ? and fence = ? and lease_owner = ?""")
                    .params(seconds, seconds, turn.conversationId(), turn.fence(), instance.id())
                    .update();
        });
        return WakeUps.nothing();
    }

    /**
     * Ends a turn that was begun too often without an end: the contact gets the fallback reply. Gives back what is to be woken
     * now.
     */
    WakeUps giveUp(Exchange exchange) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        Trace.add(
                exchange,
                Hop.now(
                        "failed",
                        "given_up",
                        Map.of(
                                "attempts",
                                turn.deaths(),
                                "cause",
                                GivenUp.cause(turn.deaths()).getMessage())));
        return storeReply.fallback(
                exchange, jdbc -> givenUp.keep(jdbc, WorkKind.TURN, work(jdbc, turn, turn.deaths())));
    }

    private DeadLetters.Work work(JdbcClient jdbc, Turn turn, int attempts) {
        List<MessageView> unanswered = turn.inbound().stream()
                .flatMap(id -> messages.find(jdbc, id).stream())
                .toList();
        try {
            return new DeadLetters.Work(
                    turn.tenantId(),
                    "conversation-answer",
                    "conversation/" + turn.conversationId(),
                    turn.inbound(),
                    attempts,
                    json.writeValueAsBytes(unanswered));
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("stored messages are no JSON", ours);
        }
    }
}
