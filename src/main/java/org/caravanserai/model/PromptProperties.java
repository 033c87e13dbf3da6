package org.caravanserai.model;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The bounds of what models are asked.
 *
 * @param maxInput characters of the messages that are answered at once; more are answered by the fallback reply
 * @param keep whether what was asked is kept with the reply
 */
@Validated
@ConfigurationProperties("hub.prompts")
public record PromptProperties(
        @Min(1_000) @Max(1_000_000) @DefaultValue("50000") int maxInput,
        @DefaultValue("true") boolean keep) {}
