package org.caravanserai.administration;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RejectedException.FieldError;

/** Collects what is wrong with a request's fields, so that its sender is told all of it at once. */
final class Checks {

    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    private final List<FieldError> errors = new ArrayList<>();

    /** A text that must be there, not blank, and within a number of characters. */
    String text(String field, String given, int longest) {
        if (given == null || given.isBlank()) {
            wrong(field, "write a text of 1 to " + longest + " characters.");
            return given;
        }
        return optional(field, given, longest);
    }

    /** A text that may be absent. */
    String optional(String field, String given, int longest) {
        if (given != null && given.codePointCount(0, given.length()) > longest) {
            wrong(field, "is too long; at most " + longest + " characters are allowed.");
        }
        if (given != null && given.indexOf('\0') >= 0) {
            wrong(field, "must not contain the character U+0000.");
        }
        return given;
    }

    /** One of a few words, or absent. */
    String oneOf(String field, String given, List<String> allowed) {
        if (given != null && !allowed.contains(given)) {
            wrong(field, "must be one of " + String.join(", ", allowed) + ".");
        }
        return given;
    }

    /** An id, or absent. */
    UUID id(String field, String given) {
        Optional<UUID> id = Ids.parse(given);
        if (given != null && id.isEmpty()) {
            wrong(field, "must be an id.");
        }
        return id.orElse(null);
    }

    /** An instant from 1970 to 9999, or absent. */
    Instant instant(String field, String given) {
        Instant at = null;
        boolean isInstant;
        try {
            at = given == null ? null : Instant.parse(given);
            isInstant = at == null || !at.isBefore(Instant.EPOCH) && at.isBefore(LATEST);
        } catch (DateTimeParseException notAnInstant) {
            isInstant = false;
        }
        if (!isInstant) {
            wrong(field, "must be an instant in ISO 8601, for example 2026-01-31T12:00:00Z.");
        }
        return isInstant ? at : null;
    }

    void wrong(String field, String message) {
        errors.add(new FieldError(field, message));
    }

    /** @throws RejectedException 400 that names each field that is wrong */
    void check() {
        if (!errors.isEmpty()) {
            String detail =
                    errors.stream().map(e -> e.field() + ": " + e.message()).collect(Collectors.joining(" "));
            throw new RejectedException(400, detail, errors);
        }
    }
}
