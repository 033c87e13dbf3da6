package org.caravanserai.failure;

import io.micrometer.core.instrument.MeterRegistry;
import org.caravanserai.work.WorkKind;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Work that was begun too often without an end: its hub died, or it took too long. It is not begun again. */
@Component
public class GivenUp {

    private final DeadLetters deadLetters;
    private final MeterRegistry meters;

    GivenUp(DeadLetters deadLetters, MeterRegistry meters) {
        this.deadLetters = deadLetters;
        this.meters = meters;
    }

    /** Why work that was begun so often is given up. */
    public static PermanentException cause(int times) {
        return new PermanentException(
                "It was begun " + times
                        + " times, and each time the hub that worked on it died or it took too long. It was given up.",
                null);
    }

    /** Keeps a dead letter, in the transaction that gives the work up, and counts it after the commit. */
    public void keep(JdbcClient jdbc, WorkKind kind, DeadLetters.Work work) {
        deadLetters.add(jdbc, work, cause(work.attempts()));
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                meters.counter("hub.given.up", "kind", kind.label()).increment();
            }
        });
    }
}
