package org.caravanserai.conversation;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeUp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Gives a place that comes free to the conversation that is due next, by turns to each tenant that has some waiting. Asks
 * the database only when somebody was refused, and every 2 s in case another hub left rows waiting and is full or dead.
 */
@Component
class NextConversations {

    private static final Logger LOG = LoggerFactory.getLogger(NextConversations.class);
    private static final Duration LOOK_AT_LEAST_EVERY = Duration.ofSeconds(2);
    private static final int AT_ONCE = 100;

    private final Admission admission;
    private final TenantTransactions transactions;
    private final ProducerTemplate camel;
    private final ExecutorService workers;
    private final Wake wake;
    private final Thread thread = Thread.ofVirtual().name("next-conversations").unstarted(this::run);
    private volatile boolean stopping;
    private UUID servedLast;

    NextConversations(
            Admission admission,
            TenantTransactions transactions,
            ProducerTemplate camel,
            @Qualifier("answerWorkers") ExecutorService workers,
            Wake wake) {
        this.admission = admission;
        this.transactions = transactions;
        this.camel = camel;
        this.workers = workers;
        this.wake = wake;
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        thread.start();
    }

    /** Before the routes begin to drain: nothing new is begun then. */
    @EventListener(ContextClosedEvent.class)
    void stop() {
        stopping = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (!stopping) {
                admission.awaitChange(LOOK_AT_LEAST_EVERY);
                fill();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void fill() {
        try {
            Admission.Room room = admission.room();
            while (room.places() > 0 && !stopping) {
                List<WakeUp> next = take(room);
                if (next.isEmpty()) {
                    if (room.isOpenToAll()) {
                        admission.nobodyWaited(room);
                    }
                    return;
                }
                next.forEach(this::begin);
                room = admission.room();
            }
        } catch (RuntimeException away) {
            LOG.warn("Waiting conversations could not be looked for; that is tried again: {}", away.toString());
        }
    }

    private List<WakeUp> take(Admission.Room room) {
        int most = Math.min(room.places(), AT_ONCE);
        return transactions.acrossTenants(
                jdbc -> jdbc.sql("select tenant_id, id from hub_take_waiting_conversations(?, ?, ?, ?)")
                        .param(servedLast)
                        .param(SqlArray.of("uuid", room.crowded()))
                        .param(Math.min(room.spare(), most))
                        .param(most)
                        .query((row, n) -> new WakeUp(row.getObject(1, UUID.class), row.getObject(2, UUID.class)))
                        .list());
    }

    private void begin(WakeUp conversation) {
        servedLast = conversation.tenantId();
        if (!admission.take(conversation.tenantId())) {
            // somebody took the place meanwhile; refused, the conversation waits again
            wake.up("conversation-answer", conversation.tenantId(), conversation.id());
            return;
        }
        Admission.Place place = admission.place(conversation.tenantId());
        try {
            workers.execute(() -> work(conversation, place));
        } catch (RejectedExecutionException stopping) {
            place.leave();
            LOG.debug("The hub is stopping; conversation {} is left to another", conversation.id(), stopping);
        }
    }

    private void work(WakeUp conversation, Admission.Place place) {
        try {
            Exchange turn = camel.send("direct:conversation-turn", exchange -> {
                exchange.setProperty(Admission.PLACE, place);
                exchange.getMessage().setBody(conversation.toString());
            });
            if (turn.getException() != null) {
                LOG.warn(
                        "Conversation {} stays due: {}",
                        conversation.id(),
                        turn.getException().toString());
            }
        } finally {
            place.leave();
        }
    }
}
