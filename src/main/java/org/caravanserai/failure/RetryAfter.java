package org.caravanserai.failure;

import com.google.re2j.Pattern;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The wait that another system asks for in its header {@code Retry-After} (RFC 9110, 10.2.3): seconds, or a date. */
public final class RetryAfter {

    /** Nobody has us wait longer, whatever it asks for. */
    static final Duration MOST = Duration.ofDays(1);

    /** Some send fractions. */
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    private RetryAfter() {}

    /**
     * Reads the header's value.
     *
     * @param value may be null
     * @return from nought to a day; empty if it is absent or makes no sense
     */
    public static Optional<Duration> of(String value, Instant now) {
        String text = value == null ? "" : value.strip();
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(bounded(Duration.ofMillis((long) (1000 * Double.parseDouble(text)))));
        }
        try {
            ZonedDateTime then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Optional.of(bounded(Duration.between(now, then.toInstant())));
        } catch (DateTimeException noDate) {
            return Optional.empty();
        }
    }

    /** As {@link #of}, of a header of OpenAI's that tells milliseconds, {@code retry-after-ms}. */
    public static Optional<Duration> ofMillis(String value) {
        return value != null && SECONDS.matcher(value.strip()).matches()
                ? Optional.of(bounded(Duration.ofMillis((long) Double.parseDouble(value.strip()))))
                : Optional.empty();
    }

    private static Duration bounded(Duration asked) {
        return asked.isNegative() ? Duration.ZERO : asked.compareTo(MOST) > 0 ? MOST : asked;
    }
}
