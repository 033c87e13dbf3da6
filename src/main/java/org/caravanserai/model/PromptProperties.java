package org.caravanserai.model;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The bounds of what models are asked.
 *
 * @param maxInput characters of the messages that are answered at once; more are answered by the fallback reply
 * @param keep whether what was asked is kept with the reply
 * @param keepFor how long it is kept; with it, what tools did for the messages
 */
@Validated
@ConfigurationProperties("hub.prompts")
public record PromptProperties(
        @Min(1_000) @Max(1_000_000) @DefaultValue("50000") int maxInput,
        @DefaultValue("true") boolean keep,
        @DefaultValue("30d") Duration keepFor) {

    @AssertTrue(message = "write a duration from 1d to 3650d, for example 30d")
    boolean isKeepForBounded() {
        return keepFor.toDays() >= 1 && keepFor.toDays() <= 3650;
    }
}
