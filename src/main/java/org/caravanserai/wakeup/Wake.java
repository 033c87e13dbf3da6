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
        left.answers().forEach(row -> publish("conversation-answer", row));
        left.sends().forEach(row -> publish("outbound-dispatch", row));
        left.events().forEach(row -> publish("webhook-fan-out", row));
    }

    /** @param queue the id of the route to wake, which is its queue's name */
    public void up(String queue, UUID tenantId, UUID id) {
        publish(queue, new WakeUp(tenantId, id).toString());
    }

    private void publish(String queue, String row) {
        try {
            camel.sendBody("spring-rabbitmq:default?exchangePattern=InOnly&routingKey=" + queue, row);
        } catch (RuntimeException lost) {
            LOG.debug("Wake-up for {} was lost; the sweep will publish it again", queue, lost);
        }
    }
}
