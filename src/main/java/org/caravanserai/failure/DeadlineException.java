package org.caravanserai.failure;

/** The work was begun and stopped because it was not done in time. What it was given may be the reason. */
public final class DeadlineException extends RetryableException {

    public DeadlineException(String message) {
        super(message, null);
    }
}
