package org.caravanserai.administration;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Reads points in time as callers write them. */
final class Instants {

    static final String RULE = "must be an ISO 8601 instant, such as 2026-01-31T12:00:00Z.";

    // PostgreSQL's and our own arithmetic stay well inside
    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    private Instants() {}

    static Optional<Instant> parse(String text) {
        try {
            Instant instant = OffsetDateTime.parse(text).toInstant();
            return instant.isBefore(EARLIEST) || instant.isAfter(LATEST) ? Optional.empty() : Optional.of(instant);
        } catch (DateTimeException notAnInstant) {
            return Optional.empty();
        }
    }
}
