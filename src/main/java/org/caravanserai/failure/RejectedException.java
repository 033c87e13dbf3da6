package org.caravanserai.failure;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The caller's mistake: answered with a 4xx problem, nothing is kept. */
public final class RejectedException extends HubException {

    /** What is wrong with one field of the request. */
    public record FieldError(String field, String message) {}

    private final transient List<FieldError> errors;
    private final Duration retryAfter;
    private final int status;

    public RejectedException(int status, String detail) {
        this(status, detail, List.of());
    }

    public RejectedException(int status, String detail, List<FieldError> errors) {
        this(status, detail, errors, null);
    }

    private RejectedException(int status, String detail, List<FieldError> errors, Duration retryAfter) {
        super(detail, null);
        this.retryAfter = retryAfter;
        this.status = status;
        this.errors = List.copyOf(errors);
    }

    /** A 400 that names one field. */
    public static RejectedException field(String field, String message) {
        return new RejectedException(400, field + ": " + message, List.of(new FieldError(field, message)));
    }

    /** A 429. @param retryAfter when it may be tried again */
    public static RejectedException limit(String detail, Duration retryAfter) {
        return new RejectedException(429, detail, List.of(), retryAfter);
    }

    public static RejectedException notFound(String what) {
        return new RejectedException(404, what + " was not found.");
    }

    /** The HTTP status to answer with, 400 to 499. */
    public int status() {
        return status;
    }

    /** How long to wait; empty where waiting does not help. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Empty where no field is at fault. */
    public List<FieldError> errors() {
        return errors == null ? List.of() : errors;
    }
}
