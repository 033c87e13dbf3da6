package org.caravanserai.failure;

import java.time.Duration;
import java.util.Optional;

/** May go well later: tried again with backoff, or answered 503 at a door. */
public sealed class RetryableException extends HubException
        permits BudgetUsedUpException, BusyException, DeadlineException {

    private final transient Duration retryAfter;

    public RetryableException(String message, Throwable cause) {
        this(message, null, cause);
    }

    /** @param retryAfter what the other side asked for, or null */
    public RetryableException(String message, Duration retryAfter, Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /** The wait that the other side asked for. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
