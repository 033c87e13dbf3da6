package org.caravanserai.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Tells whoever runs the hub what was refused, and to whom: the metric {@code hub_rejected_total} by reason, and one line in
 * 10 s for each address, at once for the first and then with how many more there were. Never what was sent.
 */
@Component
public class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final Duration QUIET = Duration.ofSeconds(10);

    /** So many addresses are told apart at once; a log that tells of more is of no use, and would be a flood of its own. */
    private static final int ADDRESSES_MAX = 100;

    private static final String OTHERS = "many other addresses";

    private final MeterRegistry meters;
    private final Consumer<String> log;
    private final Cache<Refused, AtomicInteger> more;

    private record Refused(String reason, String address) {}

    @Autowired
    Refusals(MeterRegistry meters) {
        this(meters, LOG::warn, System::nanoTime, ForkJoinPool.commonPool());
    }

    Refusals(MeterRegistry meters, Consumer<String> log, Ticker ticker, Executor executor) {
        this.meters = meters;
        this.log = log;
        this.more = Caffeine.newBuilder()
                .ticker(ticker)
                .executor(executor)
                .scheduler(Scheduler.systemScheduler())
                .expireAfterWrite(QUIET)
                .removalListener(this::tell)
                .build();
    }

    /**
     * Something was refused.
     *
     * @param reason in few words, of few different values: a metric has it as its label
     */
    public void add(String reason, String address) {
        meters.counter("hub.rejected", "reason", reason.replace(' ', '_')).increment();
        Refused refused = new Refused(reason, address);
        if (more.getIfPresent(refused) == null && more.estimatedSize() >= ADDRESSES_MAX) {
            refused = new Refused(reason, OTHERS);
        }
        AtomicInteger fresh = new AtomicInteger();
        AtomicInteger count = more.get(refused, first -> fresh);
        if (count == fresh) {
            log.accept("Refused a request from " + refused.address + ": " + reason + ". More within "
                    + QUIET.toSeconds() + " s are counted");
        } else {
            count.incrementAndGet();
        }
    }

    private void tell(Refused refused, AtomicInteger count, RemovalCause cause) {
        if (refused == null || count == null || count.get() == 0 || cause != RemovalCause.EXPIRED) {
            return;
        }
        log.accept("Refused " + count.get() + " more requests within " + QUIET.toSeconds() + " s from "
                + refused.address + ": " + refused.reason);
        more.asMap().putIfAbsent(refused, new AtomicInteger());
    }

    /** For tests: what is over is told now. */
    void settle() {
        more.cleanUp();
    }
}
