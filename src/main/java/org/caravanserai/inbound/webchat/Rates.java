package org.caravanserai.inbound.webchat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what each key does within a minute, from its first deed on. Of as many keys as there is room for. */
final class Rates {

    private static final int KEYS_MAX = 100_000;

    private final int perMinute;
    private final Cache<Object, AtomicInteger> counts = Caffeine.newBuilder()
            .maximumSize(KEYS_MAX)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    /** @param perMinute 0: no bound */
    Rates(int perMinute) {
        this.perMinute = perMinute;
    }

    /** Counts one more. Gives back whether it is within the bound. */
    boolean allows(Object key) {
        return perMinute == 0 || counts.get(key, first -> new AtomicInteger()).incrementAndGet() <= perMinute;
    }
}
