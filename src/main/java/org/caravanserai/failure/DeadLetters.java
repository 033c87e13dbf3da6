package org.caravanserai.failure;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.tenant.SqlArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Where what cannot be done ends, with all that is needed to do it again. A letter is one piece of work: should its replay
 * fail for good too, the same letter is dead again, with the attempts added.
 */
@Component
public class DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int CAUSE_MAX = 2000;

    private final Ids ids;
    private final MeterRegistry meters;

    /**
     * Work that was given up.
     *
     * @param routeId the queue's route that gave it up; a {@link Redo} of the same id does it again
     * @param subjectId the row it was about: its kind, a slash, its id
     * @param messages of a turn, the inbound messages that it was to answer; else empty
     * @param payload the original bytes
     */
    public record Work(
            UUID tenantId, String routeId, String subjectId, List<UUID> messages, int attempts, byte[] payload) {}

    DeadLetters(Ids ids, MeterRegistry meters) {
        this.ids = ids;
        this.meters = meters;
    }

    /** Keeps a failure, in the transaction that gives the work up. */
    public void add(JdbcClient jdbc, Work work, Throwable cause) {
        String text = text(cause);
        List<UUID> fresh = new ArrayList<>(work.messages);
        List<List<UUID>> again = deadAgain(jdbc, work, text);
        again.forEach(fresh::removeAll);
        if (again.isEmpty() || !fresh.isEmpty()) {
            jdbc.sql("""
                    insert into dead_letters (id, tenant_id, route_id, subject_id, messages, cause, attempts, payload)
                      values (?, ?, ?, ?, ?, ?, ?, ?)""")
                    .param(ids.next())
                    .param(work.tenantId)
                    .param(work.routeId)
                    .param(work.subjectId)
                    .param(SqlArray.of("uuid", fresh))
                    .param(text)
                    .param(work.attempts)
                    .param(work.payload)
                    .update();
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                meters.counter("hub.dead.letters", "route", work.routeId).increment();
                LOG.warn(
                        "Dead letter of route {} about {} after {} attempts: {}",
                        work.routeId,
                        work.subjectId,
                        work.attempts,
                        text);
            }
        });
    }

    /** The letters whose replay this was; gives back the messages of each. */
    private static List<List<UUID>> deadAgain(JdbcClient jdbc, Work work, String cause) {
        return jdbc.sql("""
                        update dead_letters set status = 'dead', cause = ?, attempts = attempts + ?, at = now(), settle_at = null
                          where status = 'replayed' and route_id = ? and subject_id = ? and (messages = '{}' or messages && ?)
                          returning messages""")
                .param(cause)
                .param(work.attempts)
                .param(work.routeId)
                .param(work.subjectId)
                .param(SqlArray.of("uuid", work.messages))
                .query((row, n) -> uuids(row.getArray(1)))
                .list();
    }

    private static List<UUID> uuids(Array array) throws java.sql.SQLException {
        return Arrays.asList((UUID[]) array.getArray());
    }

    private static String text(Throwable cause) {
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return text.substring(0, Math.min(CAUSE_MAX, text.length())).replace("\0", "");
    }
}
