package org.caravanserai.failure;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * When calls of an outside system that keeps failing are spared.
 *
 * @param window how many of the latest calls count
 * @param minimumCalls fewer than these say nothing
 * @param failurePercent of the calls that count, from which on the circuit opens
 * @param openFor how long every call then fails at once, before a few are let through again
 * @param probes how many are let through; they decide whether the circuit closes
 */
@Validated
@ConfigurationProperties("hub.circuits")
record CircuitProperties(
        @Min(value = 1, message = "must be at least 1; write for example 20")
        @Max(value = 1000, message = "must be at most 1000; write for example 20")
        @DefaultValue("20")
        int window,

        @Min(value = 1, message = "must be at least 1; write for example 5")
        @Max(value = 1000, message = "must be at most 1000; write for example 5")
        @DefaultValue("5")
        int minimumCalls,

        @Min(value = 1, message = "must be at least 1; write for example 50")
        @Max(value = 100, message = "must be at most 100; write for example 50")
        @DefaultValue("50")
        int failurePercent,

        @NotNull @DefaultValue("10s") Duration openFor,

        @Min(value = 1, message = "must be at least 1; write for example 3")
        @Max(value = 100, message = "must be at most 100; write for example 3")
        @DefaultValue("3")
        int probes) {

    @AssertTrue(message = "must be from 10ms to 10m; write for example 10s")
    boolean isOpenForInRange() {
        return openFor == null
                || openFor.compareTo(Duration.ofMillis(10)) >= 0 && openFor.compareTo(Duration.ofMinutes(10)) <= 0;
    }
}
