package org.caravanserai.failure;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;

/** Circuits as they are by default, for tests in other packages. */
public final class OwnCircuits {

    private OwnCircuits() {}

    public static Circuits create() {
        return new Circuits(new CircuitProperties(20, 5, 50, Duration.ofSeconds(10), 3), new SimpleMeterRegistry());
    }
}
