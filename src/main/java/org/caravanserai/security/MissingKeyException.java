package org.caravanserai.security;

/** A key that the operator has to give, or gave in a form that cannot be read, ends the start. */
final class MissingKeyException extends RuntimeException {

    private final String action;

    MissingKeyException(String description, String action, Throwable cause) {
        super(description, cause);
        this.action = action;
    }

    /** What to write, and where. */
    String action() {
        return action;
    }
}
