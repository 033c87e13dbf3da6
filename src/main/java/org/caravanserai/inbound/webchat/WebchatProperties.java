package org.caravanserai.inbound.webchat;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The bounds of web chats, each on one hub.
 *
 * @param sessionFor how long a visitor's token is good, counted from when it was last renewed
 * @param maxSockets open sockets of all visitors, each with some 80 KB of memory; who comes then is asked to come again
 * @param maxSocketsPerVisitor open sockets of one visitor, each a tab; the oldest makes room
 * @param maxSocketsPerAddress open sockets of one address; who comes then is asked to come again
 * @param sessionsPerMinute tokens for new visitors of one channel; 0: no limit
 * @param messagesPerMinute messages of one visitor; 0: no limit
 * @param maxFrame the largest frame that a visitor may send
 * @param lookEvery how often it is looked whether there is something that a visitor was not shown
 * @param pingEvery how often a quiet socket is asked whether it is still there; after three times it is closed
 */
@Validated
@ConfigurationProperties("hub.webchat")
record WebchatProperties(
        @NotNull @DefaultValue("30d") Duration sessionFor,

        @Min(value = 1, message = "must be at least 1; write for example 3000") @Max(100_000) @DefaultValue("3000")
        int maxSockets,

        @Min(value = 1, message = "must be at least 1; write for example 5") @Max(100) @DefaultValue("5")
        int maxSocketsPerVisitor,

        @Min(value = 1, message = "must be at least 1; write for example 500") @Max(100_000) @DefaultValue("500")
        int maxSocketsPerAddress,

        @Min(value = 0, message = "must be 0, for no limit, or more; write for example 600")
        @Max(1_000_000)
        @DefaultValue("600")
        int sessionsPerMinute,

        @Min(value = 0, message = "must be 0, for no limit, or more; write for example 30")
        @Max(100_000)
        @DefaultValue("30")
        int messagesPerMinute,

        @NotNull @DefaultValue("10KB") DataSize maxFrame,
        @NotNull @DefaultValue("10s") Duration lookEvery,
        @NotNull @DefaultValue("25s") Duration pingEvery) {}
