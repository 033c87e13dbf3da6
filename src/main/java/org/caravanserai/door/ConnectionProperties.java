package org.caravanserai.door;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The bounds of connections, whatever is asked over them. Where one is reached, the connection that let the hub wait longest
 * makes room.
 *
 * @param max open connections in all
 * @param maxPerAddress open connections of one address, or of one IPv6 network of 64 bits; trusted proxies are not bound
 * @param headTimeout how long the line and the headers of a request may take to come, from the connection's beginning or from
 *     the request's first byte
 * @param patience how long the hub waits for a body, or for its answer to be read; each byte that moves earns some of it back
 * @param minRate what earns a second of it back: who is slower than that in the long run is cut off
 */
@Validated
@ConfigurationProperties("hub.connections")
record ConnectionProperties(
        @Min(value = 16, message = "must be at least 16; write for example 4000") @Max(1_000_000) @DefaultValue("4000")
        int max,

        @Min(value = 1, message = "must be at least 1; write for example 1000") @Max(1_000_000) @DefaultValue("1000")
        int maxPerAddress,

        @NotNull @DefaultValue("10s") Duration headTimeout,
        @NotNull @DefaultValue("10s") Duration patience,
        @NotNull @DefaultValue("1KB") DataSize minRate) {

    @AssertTrue(message = "(hub.connections.head-timeout, .patience) write a time above zero, for example 10s")
    boolean areTimesPositive() {
        return isPositive(headTimeout) && isPositive(patience);
    }

    @AssertTrue(message = "(hub.connections.min-rate) write a size above zero, for example 1KB")
    boolean isRatePositive() {
        return minRate == null || minRate.toBytes() > 0;
    }

    private static boolean isPositive(Duration time) {
        return time == null || !time.isNegative() && !time.isZero();
    }
}
