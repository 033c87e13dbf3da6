package org.caravanserai.work;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;

/** Pools for tests of other packages. */
public final class ComputePools {

    private ComputePools() {}

    /** One with two threads. */
    public static ComputePool small() {
        Duration time = Duration.ofSeconds(30);
        return new ComputePool(
                new ComputeProperties(2, 100, time, time, Duration.ofSeconds(1), 4), new SimpleMeterRegistry());
    }
}
