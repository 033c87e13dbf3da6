package org.caravanserai.failure;

import java.time.Duration;

/** There was no place for the work in time, or work of its kind is refused for now. It was not begun. */
public final class BusyException extends RetryableException {

    private static final Duration SOON = Duration.ofSeconds(2);

    public BusyException(String message) {
        super(message, SOON, null);
    }
}
