package org.caravanserai.webhook;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How tenant systems are told.
 *
 * @param schedule the waits between attempts; the first attempt is made at once
 * @param disableAfter an endpoint that has failed for so long is disabled
 * @param maxConcurrentPerEndpoint attempts of one endpoint in flight at once, on this replica
 * @param maxConcurrentFailing attempts in flight at once of all endpoints whose last attempt failed; each has one at most
 */
@Validated
@ConfigurationProperties("hub.webhooks")
record WebhookProperties(
        @NotEmpty(message = "must hold at least one wait; write for example 5s,5m,30m,2h,5h,10h,10h")
        @DefaultValue({"5s", "5m", "30m", "2h", "5h", "10h", "10h"})
        List<Duration> schedule,

        @NotNull @DefaultValue("5d") Duration disableAfter,

        @Min(value = 1, message = "must be at least 1; write for example 8")
        @Max(value = 1000, message = "must be at most 1000; write for example 8")
        @DefaultValue("8")
        int maxConcurrentPerEndpoint,

        @Min(value = 1, message = "must be at least 1; write for example 100")
        @Max(value = 10_000, message = "must be at most 10000; write for example 100")
        @DefaultValue("100")
        int maxConcurrentFailing) {}
