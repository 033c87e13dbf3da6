package org.caravanserai.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;

/** Of what other systems say of when to come again. */
public final class FailureReaders {

    private FailureReaders() {}

    public static List<Reader> all() {
        return List.of(new Reader("retry-after", FailureReaders::retryAfter));
    }

    private static void retryAfter(Input input) {
        RetryAfter.of(input.text(), Instant.parse("2026-01-31T12:00:00Z"))
                .ifPresent(wait -> assertThat(wait).isBetween(Duration.ZERO, RetryAfter.MOST));
        RetryAfter.ofMillis(input.text()).ifPresent(wait -> assertThat(wait).isBetween(Duration.ZERO, RetryAfter.MOST));
    }
}
