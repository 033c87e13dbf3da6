package org.caravanserai.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** When a delivery that failed is tried again. */
final class BackoffSchedule {

    private final List<Duration> waits;

    BackoffSchedule(List<Duration> waits) {
        this.waits = List.copyOf(waits);
    }

    /**
     * The wait after an attempt.
     *
     * @param attempt from 1
     * @param random 0 to 1, spreads the wait by a fifth to both sides
     * @return nothing after the last attempt
     */
    Optional<Duration> after(int attempt, double random) {
        return attempt > waits.size()
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) (waits.get(attempt - 1).toMillis() * (0.8 + 0.4 * random))));
    }
}
