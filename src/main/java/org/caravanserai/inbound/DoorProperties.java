package org.caravanserai.inbound;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The bounds of the doors, which are the paths under {@code /webhooks}.
 *
 * @param maxWait how long a door may take to make an event durable before it answers 503
 * @param bodyTimeout how long a body may take to come, else it is answered 408
 * @param maxConcurrent how many requests, whole, may be inside doors at once; more wait a while and are then answered 503
 * @param maxConcurrentPerAddress how many of them may be of one address
 * @param memory how many bytes of bodies may be inside doors at once
 * @param memoryPerAddress how many of them may be of one address
 * @param maxBody the largest body, except on Meta's doors
 * @param maxMetaBody the largest body on Meta's doors; Meta sends up to 3 MB
 * @param maxRead how much of a body that is refused is read, so that its sender sees the answer
 */
@Validated
@ConfigurationProperties("hub.doors")
record DoorProperties(
        @NotNull @DefaultValue("2s") Duration maxWait,
        @NotNull @DefaultValue("20s") Duration bodyTimeout,

        @Min(value = 1, message = "must be at least 1; write for example 500") @Max(100_000) @DefaultValue("1000")
        int maxConcurrent,

        @Min(value = 1, message = "must be at least 1; write for example 500") @Max(100_000) @DefaultValue("500")
        int maxConcurrentPerAddress,

        @NotNull @DefaultValue("64MB") DataSize memory,
        @NotNull @DefaultValue("32MB") DataSize memoryPerAddress,
        @NotNull @DefaultValue("1MB") DataSize maxBody,
        @NotNull @DefaultValue("4MB") DataSize maxMetaBody,
        @NotNull @DefaultValue("8MB") DataSize maxRead) {

    /** How long a request waits for room, before what makes it durable gets the rest of the time. */
    Duration maxWaitForRoom() {
        return maxWait.dividedBy(2);
    }
}
