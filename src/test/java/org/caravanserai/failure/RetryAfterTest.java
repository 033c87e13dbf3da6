package org.caravanserai.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");

    @Test
    void readsSeconds() {
        assertThat(RetryAfter.of("120", NOW)).contains(Duration.ofMinutes(2));
        assertThat(RetryAfter.of(" 0 ", NOW)).contains(Duration.ZERO);
        assertThat(RetryAfter.of("1.5", NOW)).contains(Duration.ofMillis(1500));
    }

    @Test
    void readsADate() {
        assertThat(RetryAfter.of("Sun, 22 Nov 2026 08:00:30 GMT", NOW)).contains(Duration.ofSeconds(30));
    }

    @Test
    void waitsForNoDateThatIsPast() {
        assertThat(RetryAfter.of("Sun, 22 Nov 2026 07:00:00 GMT", NOW)).contains(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999", "Sun, 22 Nov 2099 08:00:00 GMT"})
    void waitsForNobodyLongerThanADay(String value) {
        assertThat(RetryAfter.of(value, NOW)).contains(RetryAfter.MOST);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"-5", "soon", "9999999999", "1e9", "2026-11-22T08:00:30Z", "Sun, 99 Nov 2026 08:00:30 GMT"})
    void takesWhatMakesNoSenseForAbsent(String value) {
        assertThat(RetryAfter.of(value, NOW)).isEmpty();
    }

    @Test
    void readsMillisecondsWhereTheyAreTold() {
        assertThat(RetryAfter.ofMillis("250")).contains(Duration.ofMillis(250));
        assertThat(RetryAfter.ofMillis("a while")).isEmpty();
        assertThat(RetryAfter.ofMillis(null)).isEmpty();
    }
}
