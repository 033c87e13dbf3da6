package org.caravanserai.wakeup;

import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.Exchange;
import org.caravanserai.failure.IgnoredException;
import org.caravanserai.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Keeps from the work what is no wake-up, and what is a disabled tenant's. Anybody who can reach the broker may put anything into a queue. */
@Component("checkWakeUp")
public class CheckWakeUp {

    private static final Logger LOG = LoggerFactory.getLogger(CheckWakeUp.class);

    private static final String DISABLED = "Its tenant is disabled.";

    private final Tenants tenants;
    private final MeterRegistry meters;

    CheckWakeUp(Tenants tenants, MeterRegistry meters) {
        this.tenants = tenants;
        this.meters = meters;
    }

    /**
     * Lets work on. That of a disabled tenant stays due in its row, which the sweep wakes again and again until the tenant is
     * enabled.
     *
     * @throws IgnoredException if the text is no wake-up, or its tenant is not there or disabled
     */
    public void check(String wakeUp) {
        boolean isEnabled = tenants.find(WakeUp.parse(wakeUp).tenantId())
                .orElseThrow(() -> new IgnoredException("Its tenant is not there."))
                .enabled();
        if (!isEnabled) {
            throw new IgnoredException(DISABLED);
        }
    }

    /** Drops it: says so in one line, without what it held, and counts. */
    public void drop(Exchange exchange) {
        Throwable reason = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (DISABLED.equals(reason.getMessage())) {
            LOG.debug("A wake-up in queue {} waits: {}", exchange.getFromRouteId(), DISABLED);
            return;
        }
        LOG.warn("A wake-up in queue {} was dropped: {}", exchange.getFromRouteId(), reason.getMessage());
        meters.counter("hub.wake.ups.dropped", "route", exchange.getFromRouteId())
                .increment();
    }
}
