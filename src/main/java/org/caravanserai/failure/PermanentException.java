package org.caravanserai.failure;

/** Will not go well however often it is tried: a dead letter at once. */
public final class PermanentException extends HubException {

    public PermanentException(String message, Throwable cause) {
        super(message, cause);
    }
}
