package org.caravanserai.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

class LeaseViewIT extends HubIT {

    @Autowired
    CamelContext camel;

    @Autowired
    Instance instance;

    @Autowired
    Leases leases;

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

    /** Whoever holds a row of ours stands for a database that no longer answers. */
    @Test
    void endsAScheduledRouteBeforeAnotherHubMayBeginIt() throws Exception {
        AtomicLong ranAt = new AtomicLong();
        AtomicLong cutOffAt = new AtomicLong();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("master:lease-view-cut-off:timer:lease-view-cut-off?period=50")
                        .routeId("lease-view-cut-off")
                        .process(exchange -> ranAt.set(System.nanoTime()));
            }
        });
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> ranAt.get() > 0);
            transactions.acrossTenants(jdbc -> {
                jdbc.sql("select 1 from instances where id = ? for update")
                        .param(instance.id())
                        .query(Integer.class)
                        .single();
                cutOffAt.set(System.nanoTime());
                await().pollInSameThread()
                        .pollInterval(Duration.ofMillis(200))
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> jdbc.sql("select 1").query(Integer.class).single() == 1
                                && System.nanoTime() - ranAt.get()
                                        > Duration.ofSeconds(2).toNanos());
                return null;
            });
            long went = ranAt.get() - cutOffAt.get();

            assertThat(Duration.ofNanos(went)).isLessThan(Duration.ofSeconds(10));
            await().atMost(Duration.ofSeconds(20)).until(() -> ranAt.get() > cutOffAt.get() + went);
        } finally {
            camel.getRouteController().stopRoute("lease-view-cut-off");
            camel.removeRoute("lease-view-cut-off");
        }
    }

    @ParameterizedTest
    @CsvSource({"4, false", "11, true"})
    void takesALeaseFromADeadHubOnly(int beatSecondsAgo, boolean isDead) {
        String name = "lease-of-a-hub-" + beatSecondsAgo;
        UUID other = anotherHub(beatSecondsAgo);
        transactions.acrossTenants(jdbc -> jdbc.sql("insert into leases (name, owner, fence) values (?, ?, 5)")
                .params(name, other)
                .update());

        assertThat(leases.hold(name)).isEqualTo(isDead ? Optional.of(6L) : Optional.empty());
    }
}
