package org.caravanserai.failure;

import java.util.List;

/** The caller's mistake: answered with a 4xx problem, nothing is kept. */
public final class RejectedException extends HubException {

    /** What is wrong with one field of the request. */
    public record FieldError(String field, String message) {}

    private final transient List<FieldError> errors;
    private final int status;

    public RejectedException(int status, String detail) {
        this(status, detail, List.of());
    }

    public RejectedException(int status, String detail, List<FieldError> errors) {
        super(detail, null);
        this.status = status;
        this.errors = List.copyOf(errors);
    }

    /** A 400 that names one field. */
    public static RejectedException field(String field, String message) {
        return new RejectedException(400, field + ": " + message, List.of(new FieldError(field, message)));
    }

    public static RejectedException notFound(String what) {
        return new RejectedException(404, what + " was not found.");
    }

    /** The HTTP status to answer with, 400 to 499. */
    public int status() {
        return status;
    }

    /** Empty where no field is at fault. */
    public List<FieldError> errors() {
        return errors == null ? List.of() : errors;
    }
}
