package org.caravanserai.work;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How much is worked on at once, how often one piece of work is begun, and how long it may take.
 *
 * @param maxInFlight conversations being answered at the same time, on this replica
 * @param maxAttempts claims without an end, and for turns and events failures in a row, after which work is given up
 * @param turnTimeout the answer to a conversation
 * @param inboxTimeout one look at a channel's inbox
 * @param sendTimeout one attempt of a reply or of a webhook delivery
 * @param documentTimeout from one step of the progress of a document to the next
 * @param stuckCheck how often what its thread does not let go of counts as one more claim without an end
 */
@Validated
@ConfigurationProperties("hub.work")
public record WorkProperties(
        @Min(value = 1, message = "must be at least 1; write for example 2500")
        @Max(value = 100_000, message = "must be at most 100000; write for example 2500")
        @DefaultValue("2500")
        int maxInFlight,

        @Min(value = 1, message = "must be at least 1; write for example 5")
        @Max(value = 20, message = "must be at most 20; write for example 5")
        @DefaultValue("5")
        int maxAttempts,

        @NotNull @DefaultValue("3m") Duration turnTimeout,
        @NotNull @DefaultValue("1m") Duration inboxTimeout,
        @NotNull @DefaultValue("1m") Duration sendTimeout,
        @NotNull @DefaultValue("10m") Duration documentTimeout,
        @NotNull @DefaultValue("15s") Duration stuckCheck) {

    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(1);

    @AssertTrue(
            message =
                    "(hub.work.turn-timeout, inbox-timeout, send-timeout, document-timeout, stuck-check) write lengths of"
                            + " time from 1s to 1d, for example 3m")
    boolean isEachTimeoutUsable() {
        return Stream.of(turnTimeout, inboxTimeout, sendTimeout, documentTimeout, stuckCheck)
                .allMatch(time -> time == null || time.toMillis() >= 1000 && time.compareTo(LONGEST) <= 0);
    }

    /** How long such work may take before it counts as without an end. */
    public Duration timeout(WorkKind kind) {
        return switch (kind) {
            case TURN -> turnTimeout;
            case INBOX -> inboxTimeout;
            case SEND, DELIVERY -> sendTimeout;
            case DOCUMENT -> documentTimeout;
        };
    }

    /**
     * Seconds for which a claim is its hub's, should that neither die nor end it. A little more than the work may take, so that
     * its hub can still record that it was stopped.
     *
     * @param isStuck whether the hub only waits for a thread that has not let go of it
     */
    public double leaseSeconds(WorkKind kind, boolean isStuck) {
        return (isStuck ? stuckCheck : timeout(kind).plus(GRACE)).toMillis() / 1000.0;
    }
}
