package org.caravanserai.failure;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.stereotype.Component;

/** For work whose rows stay due: says what went wrong, and nothing of what was in it. */
@Component("logFailure")
public class LogFailure {

    private static final Logger LOG = LoggerFactory.getLogger(LogFailure.class);
    private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

    private final LongSupplier nanoTime;
    private final Map<String, Outage> outages = new ConcurrentHashMap<>();

    /** What was said last of a part that is away. @param held how often it was not said again since */
    private record Outage(long saidAt, AtomicInteger held) {}

    LogFailure() {
        this(System::nanoTime);
    }

    LogFailure(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Logs the failure of an exchange with the route it happened in. That the broker or the database is away is one line, and
     * one in 10 s however many exchanges meet it, with the number of those that were not told.
     */
    public void log(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        // not the one that it came from: what a door begins is no failure of the door
        String route = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, exchange.getFromRouteId(), String.class);
        if (failure instanceof AmqpException) {
            away("broker", route, failure);
        } else if (DatabaseFailures.isAway(failure)) {
            away("database", route, failure);
        } else {
            LOG.warn("Route {} failed; what it was about stays due and is taken again", route, failure);
        }
    }

    private void away(String part, String route, Throwable failure) {
        long now = nanoTime.getAsLong();
        Outage fresh = new Outage(now, new AtomicInteger());
        Outage[] before = new Outage[1];
        Outage last = outages.compute(part, (name, outage) -> {
            before[0] = outage;
            return outage == null || now - outage.saidAt >= QUIET_NANOS ? fresh : outage;
        });
        if (last != fresh) {
            last.held.incrementAndGet();
            return;
        }
        LOG.warn(
                "Route {} could not reach the {}; what it was about stays due, as that of {} others since the last such line: {}",
                route,
                part,
                before[0] == null ? 0 : before[0].held.get(),
                failure.getMessage());
    }
}
