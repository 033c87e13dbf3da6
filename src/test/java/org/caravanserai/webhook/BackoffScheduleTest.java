package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffScheduleTest {

    private final BackoffSchedule schedule =
            new BackoffSchedule(List.of(Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofMinutes(30)));

    @ParameterizedTest
    @CsvSource({"1,PT5S", "2,PT5M", "3,PT30M"})
    void waitsAsPlannedAfterEachAttempt(int attempt, Duration wait) {
        assertThat(schedule.after(attempt, 0.5)).contains(wait);
    }

    @Test
    void spreadsByAFifthToBothSides() {
        assertThat(schedule.after(1, 0.0)).contains(Duration.ofSeconds(4));
        assertThat(schedule.after(1, 1.0)).contains(Duration.ofSeconds(6));
    }

    @Test
    void endsAfterTheLastWait() {
        assertThat(schedule.after(4, 0.5)).isEmpty();
    }
}
