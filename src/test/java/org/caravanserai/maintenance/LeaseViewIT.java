package org.caravanserai.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;
import org.caravanserai.HubIT;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class LeaseViewIT extends HubIT {

    @Autowired
    CamelContext camel;

    /** A timer that cannot be had at first. */
    private static final class Reluctant extends DefaultComponent {

        private final AtomicInteger asked = new AtomicInteger();

        @Override
        protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
            Endpoint timer = getCamelContext().getEndpoint("timer:" + remaining + "?period=100");
            return new DefaultEndpoint(uri, this) {
                @Override
                public Producer createProducer() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public Consumer createConsumer(Processor processor) throws Exception {
                    if (asked.incrementAndGet() == 1) {
                        throw new IllegalStateException("not yet");
                    }
                    return timer.createConsumer(processor);
                }
            };
        }
    }

    /** It tries for 5 s from when the lease was taken, and every 5 s: once. */
    @Test
    void beginsAScheduledRouteThatCamelHasGivenUp() throws Exception {
        Reluctant reluctant = new Reluctant();
        AtomicInteger runs = new AtomicInteger();
        camel.addComponent("reluctant", reluctant);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("master:lease-view-it:reluctant:lease-view-it")
                        .routeId("lease-view-it")
                        .process(exchange -> runs.incrementAndGet());
            }
        });
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> runs.get() > 0);

            assertThat(reluctant.asked).hasValue(2);
        } finally {
            camel.getRouteController().stopRoute("lease-view-it");
            camel.removeRoute("lease-view-it");
            camel.removeComponent("reluctant");
        }
    }
}
