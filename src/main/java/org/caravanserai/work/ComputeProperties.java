package org.caravanserai.work;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Bounds on what is computed on the texts of others.
 *
 * @param threads that compute at the same time; 0 means as many as there are processors, and at least 2
 * @param queue how much may wait for them, of messages and of documents each
 * @param deadline of work on one message or request, with its time in the queue
 * @param documentDeadline of work on one document, with its time in the queue
 * @param grace how long work that was told to stop may take to do so
 * @param maxStuck pieces of work of one kind that did not stop, from which on that kind is refused
 */
@Validated
@ConfigurationProperties("hub.compute")
record ComputeProperties(
        @DefaultValue("0")
        @Min(value = 0, message = "write a number from 2 to 256, or 0 for as many as there are processors")
        @Max(value = 256, message = "write a number from 2 to 256, or 0 for as many as there are processors")
        int threads,

        @DefaultValue("5000")
        @Min(value = 10, message = "write a number from 10 to 100000, for example 5000")
        @Max(value = 100_000, message = "write a number from 10 to 100000, for example 5000")
        int queue,

        @NotNull @DefaultValue("10s") Duration deadline,
        @NotNull @DefaultValue("5m") Duration documentDeadline,
        @NotNull @DefaultValue("2s") Duration grace,

        @DefaultValue("4")
        @Min(value = 1, message = "write a number from 1 to 100, for example 4")
        @Max(value = 100, message = "write a number from 1 to 100, for example 4")
        int maxStuck) {

    @AssertTrue(message = "(hub.compute.deadline) write a length of time from 100ms to 10m, for example 10s")
    boolean isDeadlineUsable() {
        return isBetween(deadline, Duration.ofMillis(100), Duration.ofMinutes(10));
    }

    @AssertTrue(message = "(hub.compute.document-deadline) write a length of time from 1s to 1h, for example 5m")
    boolean isDocumentDeadlineUsable() {
        return isBetween(documentDeadline, Duration.ofSeconds(1), Duration.ofHours(1));
    }

    @AssertTrue(message = "(hub.compute.grace) write a length of time from 10ms to 1m, for example 2s")
    boolean isGraceUsable() {
        return isBetween(grace, Duration.ofMillis(10), Duration.ofMinutes(1));
    }

    /** One is always left to what somebody waits for, so there are two at least. */
    int threadsOrDefault() {
        return Math.max(2, threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }

    private static boolean isBetween(Duration given, Duration least, Duration most) {
        return given == null || given.compareTo(least) >= 0 && given.compareTo(most) <= 0;
    }
}
