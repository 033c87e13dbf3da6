package org.caravanserai.failure;

import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.stereotype.Component;

/** For work whose rows stay due: says what went wrong, once, and nothing of what was in it. */
@Component("logFailure")
public class LogFailure {

    private static final Logger LOG = LoggerFactory.getLogger(LogFailure.class);

    /** Logs the failure of an exchange with the route it happened in; that of a broker that is away in one line. */
    public void log(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        // not the one that it came from: what a door begins is no failure of the door
        String route = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, exchange.getFromRouteId(), String.class);
        if (failure instanceof AmqpException away) {
            LOG.warn("Route {} could not reach the broker; what it was about stays due: {}", route, away.getMessage());
        } else {
            LOG.warn("Route {} failed; what it was about stays due and is taken again", route, failure);
        }
    }
}
