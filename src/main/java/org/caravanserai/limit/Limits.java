package org.caravanserai.limit;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * How often things may be done: by whom, and within what time. Each replica counts for itself. An address is what
 * {@code ClientAddress.group} gives back.
 */
@Component
@EnableConfigurationProperties(LimitProperties.class)
public class Limits {

    /** In a tenant's {@code rateLimits}: requests a minute with all of its keys. */
    public static final String API_PER_MINUTE = "apiPerMinute";

    /** In a tenant's {@code rateLimits}: messages a minute of one contact that are answered as they come. */
    public static final String MESSAGES_PER_CONTACT = "messagesPerContactPerMinute";

    private static final int ADDRESSES_MAX = 20_000;
    private static final int KEYS_MAX = 20_000;
    private static final int CHANNELS_MAX = 20_000;
    private static final int CONTACTS_MAX = 100_000;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** Bursts of a channel: what it may send in so long may come at once. */
    private static final Duration BURST = Duration.ofSeconds(10);

    /** Who guesses on waits longer: within an hour, so many times the guesses of a minute and not 60 times. */
    private static final int MINUTES_OF_GUESSES = 10;

    /** Requests with wrong keys in all, for each different one. */
    private static final int REPEATED = 20;

    private final TimeMeter clock;
    private final Limit requestsOfKey;
    private final Limit asksOfKey;
    private final Limit requestsOfTenant;
    private final Limit requestsOfAddress;
    private final Limit wrongKeysOfAddress;
    private final Limit repeatedKeysOfAddress;
    private final Limit wrongTokensOfAddress;
    private final Limit refusedOfAddress;
    private final Limit eventsOfChannel;
    private final Limit messagesOfContact;
    private final Limit sessionsOfAddress;
    private final Limit socketsOfAddress;
    private final Limit framesOfAddress;
    private final Limit anonymousAsksOfAddress;
    private final Limit anonymousAsks;

    @Autowired
    Limits(LimitProperties limits) {
        this(limits, TimeMeter.SYSTEM_NANOTIME);
    }

    Limits(LimitProperties limits, TimeMeter clock) {
        this.clock = clock;
        this.requestsOfKey = limit(KEYS_MAX, "key", limits.requestsPerKey());
        this.asksOfKey = limit(KEYS_MAX, "ask", limits.asksPerKey());
        this.requestsOfTenant = limit(KEYS_MAX, "tenant", 0);
        this.requestsOfAddress = limit(ADDRESSES_MAX, "address", limits.requestsPerAddress());
        this.wrongKeysOfAddress = guesses(limits);
        this.repeatedKeysOfAddress = limit(ADDRESSES_MAX, "wrong-keys", (long) REPEATED * limits.wrongKeysPerAddress());
        this.wrongTokensOfAddress = guesses(limits);
        this.refusedOfAddress = limit(ADDRESSES_MAX, "refused", limits.refusedPerAddress());
        this.eventsOfChannel = new Limit(
                clock, CHANNELS_MAX, new Policy("channel", BURST.toSeconds() * limits.eventsPerChannel(), BURST));
        this.messagesOfContact = limit(CONTACTS_MAX, "contact", limits.messagesPerContact());
        this.sessionsOfAddress = limit(ADDRESSES_MAX, "sessions", limits.webchatSessionsPerAddress());
        this.socketsOfAddress = limit(ADDRESSES_MAX, "sockets", limits.webchatSocketsPerAddress());
        this.framesOfAddress = limit(ADDRESSES_MAX, "frames", limits.webchatFramesPerAddress());
        this.anonymousAsksOfAddress =
                new Limit(clock, ADDRESSES_MAX, new Policy("questions", limits.anonymousAsksPerAddress(), HOUR));
        this.anonymousAsks = new Limit(clock, 1, new Policy("all-questions", limits.anonymousAsks(), HOUR));
    }

    private Limit limit(int keysMax, String name, long perMinute) {
        return new Limit(clock, keysMax, new Policy(name, perMinute, MINUTE));
    }

    private Limit guesses(LimitProperties limits) {
        long perMinute = limits.wrongKeysPerAddress();
        return new Limit(
                clock,
                ADDRESSES_MAX,
                new Policy("wrong-keys", perMinute, MINUTE),
                new Policy("wrong-keys-an-hour", MINUTES_OF_GUESSES * perMinute, HOUR));
    }

    /** A limit of a part of the hub's own. @param perMinute 0: none */
    public Limit perMinute(String name, long perMinute) {
        return limit(KEYS_MAX, name, perMinute);
    }

    /** Requests to the API with one key. */
    public Limit requestsOfKey() {
        return requestsOfKey;
    }

    /** Questions and searches with one key. */
    public Limit asksOfKey() {
        return asksOfKey;
    }

    /** Requests with all keys of a tenant that set itself a limit; without one there is none. */
    public Limit requestsOfTenant() {
        return requestsOfTenant;
    }

    /** Requests without a key from one address. */
    public Limit requestsOfAddress() {
        return requestsOfAddress;
    }

    /** Different wrong keys from one address. */
    public Limit wrongKeysOfAddress() {
        return wrongKeysOfAddress;
    }

    /** Requests from one address with a wrong key, be it the same. */
    public Limit repeatedKeysOfAddress() {
        return repeatedKeysOfAddress;
    }

    /** Wrong verify tokens from one address. */
    public Limit wrongTokensOfAddress() {
        return wrongTokensOfAddress;
    }

    /** What doors refused of one address. */
    public Limit refusedOfAddress() {
        return refusedOfAddress;
    }

    /** Events of one channel whose signatures are good. */
    public Limit eventsOfChannel() {
        return eventsOfChannel;
    }

    /** Messages of one contact. */
    public Limit messagesOfContact() {
        return messagesOfContact;
    }

    /** New visitors of web chats from one address. */
    public Limit sessionsOfAddress() {
        return sessionsOfAddress;
    }

    /** Sockets of web chats that one address opens. */
    public Limit socketsOfAddress() {
        return socketsOfAddress;
    }

    /** Messages of web chats from one address. */
    public Limit framesOfAddress() {
        return framesOfAddress;
    }

    /** Questions without a key from one address. */
    public Limit anonymousAsksOfAddress() {
        return anonymousAsksOfAddress;
    }

    /** Questions without a key of all together. */
    public Limit anonymousAsks() {
        return anonymousAsks;
    }
}
