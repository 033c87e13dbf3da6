package org.caravanserai.failure;

/** A failure whose type says what is to be done about it. The message says what happened and what to do. */
public abstract sealed class HubException extends RuntimeException
        permits IgnoredException, RejectedException, RetryableException, PermanentException {

    HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
