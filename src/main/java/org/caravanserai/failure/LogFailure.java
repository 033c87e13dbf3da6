package org.caravanserai.failure;

import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.stereotype.Component;

/** For work whose rows stay due: says what went wrong, and nothing of what was in it. */
@Component("logFailure")
public class LogFailure {

    private static final Logger LOG = LoggerFactory.getLogger(LogFailure.class);

    private final RareWarnings warnings;

    LogFailure(RareWarnings warnings) {
        this.warnings = warnings;
    }

    /**
     * Logs the failure of an exchange with the route it happened in. That the broker or the database is away, or the route was
     * stopped, is one line in 10 s, however many exchanges meet it.
     */
    public void log(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        // not the one that it came from: what a door begins is no failure of the door
        String route = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, exchange.getFromRouteId(), String.class);
        if (failure instanceof AmqpException) {
            away("broker", route, failure);
        } else if (DatabaseFailures.isAway(failure)) {
            away("database", route, failure);
        } else if (failure instanceof RejectedExecutionException) {
            // Camel's, for each exchange that is under way when its route is stopped
            warnings.warn(LOG, "stop " + route, "Route " + route + " was stopped; what it was about stays due");
        } else {
            LOG.warn("Route {} failed; what it was about stays due and is taken again", route, failure);
        }
    }

    private void away(String part, String route, Throwable failure) {
        warnings.warn(
                LOG,
                part,
                "Route " + route + " could not reach the " + part + "; what it was about stays due: "
                        + failure.getMessage());
    }
}
