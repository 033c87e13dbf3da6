package org.caravanserai.limit;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How often things may be done, on one replica; each 0 for no limit.
 *
 * @param requestsPerKey requests to the API a minute with one key
 * @param asksPerKey questions and searches among them
 * @param requestsPerAddress requests a minute from one address that carry no key: pages, web chats, descriptions
 * @param wrongKeysPerAddress different wrong keys a minute from one address; ten times as many an hour
 * @param refusedPerAddress requests a minute from one address that a door refuses: forged, unknown, malformed
 * @param eventsPerChannel events a second of one channel, once the provider's signature was found right
 * @param messagesPerContact messages a minute of one contact that are answered as they come; more are answered together
 * @param webchatSessionsPerAddress tokens a minute for new visitors of web chats from one address
 * @param webchatSocketsPerAddress sockets of web chats that one address opens a minute
 * @param webchatFramesPerAddress messages a minute of all visitors of web chats at one address
 * @param anonymousAsksPerAddress questions an hour on the demo page from one address
 * @param anonymousAsks questions an hour on the demo page in all, which bounds what strangers may cost
 */
@Validated
@ConfigurationProperties("hub.limits")
record LimitProperties(
        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("6000")
        int requestsPerKey,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("1200")
        int asksPerKey,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("1200")
        int requestsPerAddress,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("20")
        int wrongKeysPerAddress,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("600")
        int refusedPerAddress,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("2000")
        int eventsPerChannel,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("60")
        int messagesPerContact,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("120")
        int webchatSessionsPerAddress,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("600")
        int webchatSocketsPerAddress,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("1200")
        int webchatFramesPerAddress,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("60")
        int anonymousAsksPerAddress,

        @Min(value = 0, message = LESS) @Max(value = MAX, message = MORE) @DefaultValue("300")
        int anonymousAsks) {

    private static final int MAX = 10_000_000;
    private static final String LESS = "must be 0, for no limit, or more; write for example 600";
    private static final String MORE = "must be at most 10000000; write 0 for no limit";
}
