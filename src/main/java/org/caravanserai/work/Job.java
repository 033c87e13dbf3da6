package org.caravanserai.work;

import java.time.Duration;

/**
 * What is to be computed, for whom, and how long its caller waits.
 *
 * @param kind of few different values; tags metrics
 * @param owner whose work it is, a tenant's id as a rule; owners take turns. Null where nobody is known
 * @param isBacklog whether it gives way to what somebody waits for
 * @param deadline from its submission; null means the one that is configured
 */
public record Job(String kind, Object owner, boolean isBacklog, Duration deadline) {

    /** Work on one message or one request, which somebody waits for. */
    public static Job of(String kind, Object owner) {
        return new Job(kind, owner, false, null);
    }

    /** Work on a document, which nobody waits for. */
    public static Job backlog(String kind, Object owner) {
        return new Job(kind, owner, true, null);
    }

    /** The same with a deadline of its own. */
    public Job within(Duration time) {
        return new Job(kind, owner, isBacklog, time);
    }
}
