package org.caravanserai.conversation;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How much is worked on at once.
 *
 * @param maxInFlight conversations being answered at the same time, on this replica
 */
@Validated
@ConfigurationProperties("hub.work")
record WorkProperties(
        @Min(value = 1, message = "must be at least 1; write for example 2500")
        @Max(value = 100_000, message = "must be at most 100000; write for example 2500")
        @DefaultValue("2500")
        int maxInFlight) {}
