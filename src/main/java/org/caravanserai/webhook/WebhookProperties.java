package org.caravanserai.webhook;

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
 */
@Validated
@ConfigurationProperties("hub.webhooks")
record WebhookProperties(
        @NotEmpty(message = "must hold at least one wait; write for example 5s,5m,30m,2h,5h,10h,10h")
        @DefaultValue({"5s", "5m", "30m", "2h", "5h", "10h", "10h"})
        List<Duration> schedule,

        @NotNull @DefaultValue("5d") Duration disableAfter) {}
