package org.caravanserai.wakeup;

import java.util.UUID;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Publishes wake-ups from code that is no route. Call it after the commit. It never fails: the row carries the time of
 * its next wake-up, and the sweep publishes that.
 */
@Component("wake")
public class Wake {

    private static final Logger LOG = LoggerFactory.getLogger(Wake.class);

    private final ProducerTemplate camel;

    Wake(ProducerTemplate camel) {
        this.camel = camel;
    }

    /** Publishes all that a failed piece of work left to be woken, from an error policy. */
    public void all(WakeUps left) {
        left.answers().forEach(row -> wake("conversation-due", row));
        left.sends().forEach(row -> wake("outbound-dispatch", row));
        left.events().forEach(row -> wake("webhook-fan-out", row));
    }

    /** @param route the id of the route to wake, which is the name of its queue; one that begins with direct: begins here */
    public void up(String route, UUID tenantId, UUID id) {
        wake(route, new WakeUp(tenantId, id).toString());
    }

    private void wake(String route, String row) {
        String direct = "direct:" + route;
        boolean hasQueue = camel.getCamelContext().hasEndpoint(direct) == null;
        try {
            camel.sendBody(
                    hasQueue ? "spring-rabbitmq:default?exchangePattern=InOnly&routingKey=" + route : direct, row);
        } catch (RuntimeException lost) {
            LOG.debug("Wake-up for {} was lost; the sweep will publish it again", route, lost);
        }
    }
}
