package org.caravanserai.failure;

import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** For work whose rows stay due: says what went wrong, once, and nothing of what was in it. */
@Component("logFailure")
public class LogFailure {

    private static final Logger LOG = LoggerFactory.getLogger(LogFailure.class);

    /** Logs the failure of an exchange with the route it happened in. */
    public void log(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        LOG.warn("Route {} failed; what it was about stays due and is taken again", exchange.getFromRouteId(), failure);
    }
}
