package org.caravanserai.work;

import java.time.Duration;

/** Bounds of work as they are by default. */
public final class HubWork {

    private static final int ATTEMPTS = 5;

    private HubWork() {}

    public static WorkProperties of(int maxInFlight) {
        return new WorkProperties(
                maxInFlight,
                ATTEMPTS,
                Duration.ofMinutes(3),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                Duration.ofSeconds(15));
    }
}
