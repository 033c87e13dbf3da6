package org.caravanserai.failure;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.springframework.stereotype.Component;

/** Warns of what goes wrong for many at once, such as a broker that is away: one line in 10 s, and not one for each. */
@Component
public class RareWarnings {

    private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

    private final LongSupplier nanoTime;
    private final Map<String, Said> said = new ConcurrentHashMap<>();

    /** @param held how many were not said since */
    private record Said(long at, AtomicInteger held) {}

    RareWarnings() {
        this(System::nanoTime);
    }

    RareWarnings(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Logs a warning unless one of its kind was logged within the last 10 s; the next one tells how many were left out.
     *
     * @param kind what goes wrong; of few different values
     */
    public void warn(Logger log, String kind, String text) {
        long now = nanoTime.getAsLong();
        Said fresh = new Said(now, new AtomicInteger());
        Said[] before = new Said[1];
        Said last = said.compute(kind, (name, one) -> {
            before[0] = one;
            return one == null || now - one.at >= QUIET_NANOS ? fresh : one;
        });
        if (last != fresh) {
            last.held.incrementAndGet();
        } else if (before[0] == null || before[0].held.get() == 0) {
            log.warn("{}", text);
        } else {
            log.warn("{} (and {} more since the last such line)", text, before[0].held.get());
        }
    }
}
