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

    /**
     * A line that was logged, or is just about to be.
     *
     * @param times how often its kind was met since
     * @param leftOut how many were not logged before it
     */
    private record Said(long at, AtomicInteger times, int leftOut) {

        private static Said after(Said last, long now) {
            return new Said(now, new AtomicInteger(), last == null ? 0 : last.times.get() - 1);
        }
    }

    public RareWarnings() {
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
        Said line = said.compute(
                kind, (name, last) -> last != null && now - last.at < QUIET_NANOS ? last : Said.after(last, now));
        if (line.times.incrementAndGet() > 1) {
            return;
        }
        if (line.leftOut == 0) {
            log.warn("{}", text);
        } else {
            log.warn("{} (and {} more since the last such line)", text, line.leftOut);
        }
    }
}
