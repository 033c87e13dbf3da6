package org.caravanserai.wakeup;

import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.Exchange;
import org.caravanserai.failure.IgnoredException;
import org.caravanserai.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Keeps from the work what is no wake-up. Anybody who can reach the broker may put anything into a queue. */
@Component("checkWakeUp")
public class CheckWakeUp {

    private static final Logger LOG = LoggerFactory.getLogger(CheckWakeUp.class);

    private final Tenants tenants;
    private final MeterRegistry meters;

    CheckWakeUp(Tenants tenants, MeterRegistry meters) {
        this.tenants = tenants;
        this.meters = meters;
    }

    /** @throws IgnoredException if the text is no wake-up, or its tenant is not there */
    public void check(String wakeUp) {
        if (tenants.find(WakeUp.parse(wakeUp).tenantId()).isEmpty()) {
            throw new IgnoredException("Its tenant is not there.");
        }
    }

    /** Drops it: says so in one line, without what it held, and counts. */
    public void drop(Exchange exchange) {
        Throwable reason = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        LOG.warn("A wake-up in queue {} was dropped: {}", exchange.getFromRouteId(), reason.getMessage());
        meters.counter("hub.wake.ups.dropped", "route", exchange.getFromRouteId())
                .increment();
    }
}
