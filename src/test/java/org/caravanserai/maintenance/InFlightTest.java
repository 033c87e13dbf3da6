package org.caravanserai.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);

    private final InFlight inFlight = new InFlight();
    private final CamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void turnsAwayWhoeverComesBeforeTheExchangeIsDone() throws Exception {
        during(exchange -> {
            assertThat(inFlight.enter(exchange, FIRST)).isTrue();
            assertThat(inFlight.enter(exchange(), FIRST)).isFalse();
        });

        assertThat(inFlight.enter(exchange(), FIRST)).isTrue();
    }

    @Test
    void letsGoOfTheFirstRowWhenTheExchangeGoesOnWithAnother() throws Exception {
        during(exchange -> {
            inFlight.enter(exchange, FIRST);

            assertThat(inFlight.goOn(exchange, SECOND)).isTrue();

            assertThat(inFlight.enter(exchange(), FIRST)).isTrue();
            assertThat(inFlight.enter(exchange(), SECOND)).isFalse();
        });

        assertThat(inFlight.enter(exchange(), SECOND)).isTrue();
        assertThat(inFlight.enter(exchange(), FIRST)).as("is another's now").isFalse();
    }

    @Test
    void staysWithItsRowIfTheNextIsAnothers() throws Exception {
        inFlight.enter(exchange(), SECOND);
        during(exchange -> {
            inFlight.enter(exchange, FIRST);

            assertThat(inFlight.goOn(exchange, SECOND)).isFalse();

            assertThat(inFlight.enter(exchange(), FIRST)).isFalse();
        });
    }

    @Test
    void takesNothingFromWhoEnteredARowThatWasLeftEarly() throws Exception {
        during(exchange -> {
            inFlight.enter(exchange, FIRST);
            inFlight.leave(exchange);
            assertThat(inFlight.enter(exchange(), FIRST)).isTrue();
        });

        assertThat(inFlight.enter(exchange(), FIRST)).isFalse();
    }

    private Exchange exchange() {
        return camel.getEndpoint("direct:nobody").createExchange();
    }

    /** Does the work in a route, at whose end the exchange is done. */
    private void during(Processor work) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:work").process(work);
            }
        });
        camel.createProducerTemplate().sendBody("direct:work", "");
    }
}
