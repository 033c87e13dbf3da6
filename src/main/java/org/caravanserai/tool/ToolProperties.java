package org.caravanserai.tool;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The bounds of what models may call.
 *
 * @param timeout of one call
 * @param maxTime of all calls for one answer
 * @param maxRounds how often a model may call tools before it must answer
 * @param maxCallsPerRound how many tools it may call at once
 * @param maxArguments characters of one call's arguments
 * @param maxResult characters of one call's result that the model is told
 * @param maxRunning calls at once, on this replica
 */
@Validated
@ConfigurationProperties("hub.tools")
public record ToolProperties(
        @NotNull @DefaultValue("15s") Duration timeout,
        @NotNull @DefaultValue("60s") Duration maxTime,
        @Min(1) @Max(5) @DefaultValue("5") int maxRounds,
        @Min(1) @Max(32) @DefaultValue("8") int maxCallsPerRound,
        @Min(100) @Max(1_000_000) @DefaultValue("16000") int maxArguments,
        @Min(100) @Max(1_000_000) @DefaultValue("16000") int maxResult,
        @Min(1) @Max(10_000) @DefaultValue("500") int maxRunning) {

    @AssertTrue(message = "write durations from 100ms to 10m for timeout and max-time")
    boolean isBounded() {
        return isBounded(timeout) && isBounded(maxTime);
    }

    private static boolean isBounded(Duration duration) {
        return duration.toMillis() >= 100 && duration.toMinutes() <= 10;
    }
}
