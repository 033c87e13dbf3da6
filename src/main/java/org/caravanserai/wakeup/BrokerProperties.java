package org.caravanserai.wakeup;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What the hub declares on its broker, and how much of each stage it works on at once.
 *
 * @param queues the queues; each is the id of the route that reads it
 * @param queueArguments for example {@code x-queue-type: quorum}; the embedded broker ignores them
 * @param workers how many rows each stage works on at once, on this replica
 */
@Validated
@ConfigurationProperties("hub.broker")
record BrokerProperties(
        @NotEmpty(message = "must name the queues; write the list that config/application.yaml ships with")
        List<String> queues,

        @NotNull @DefaultValue Map<String, Object> queueArguments,
        @NotNull @DefaultValue Bounds workers) {

    record Bounds(
            @Min(1) @Max(1000) @DefaultValue("16") int receive,
            @Min(1) @Max(100_000) @DefaultValue("3000") int answer,
            @Min(1) @Max(10_000) @DefaultValue("500") int dispatch,
            @Min(1) @Max(1000) @DefaultValue("500") int fanOut,
            @Min(1) @Max(10_000) @DefaultValue("500") int deliver,
            @Min(1) @Max(64) @DefaultValue("2") int index) {}
}
