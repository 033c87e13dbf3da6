package org.caravanserai.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.caravanserai.work.HubWork;
import org.caravanserai.work.WorkKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);

    private final InFlight inFlight = new InFlight(HubWork.of(100));
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
            assertThat(inFlight.enter(exchange, WorkKind.TURN, FIRST)).isTrue();
            assertThat(inFlight.enter(exchange(), WorkKind.TURN, FIRST)).isFalse();
        });

        assertThat(inFlight.enter(exchange(), WorkKind.TURN, FIRST)).isTrue();
    }

    @Test
    void letsGoOfTheFirstRowWhenTheExchangeGoesOnWithAnother() throws Exception {
        during(exchange -> {
            inFlight.enter(exchange, WorkKind.TURN, FIRST);

            assertThat(inFlight.goOn(exchange, WorkKind.SEND, SECOND)).isTrue();

            assertThat(inFlight.enter(exchange(), WorkKind.TURN, FIRST)).isTrue();
            assertThat(inFlight.enter(exchange(), WorkKind.SEND, SECOND)).isFalse();
        });

        assertThat(inFlight.enter(exchange(), WorkKind.SEND, SECOND)).isTrue();
        assertThat(inFlight.enter(exchange(), WorkKind.TURN, FIRST))
                .as("is another's now")
                .isFalse();
    }

    @Test
    void staysWithItsRowIfTheNextIsAnothers() throws Exception {
        inFlight.enter(exchange(), WorkKind.SEND, SECOND);
        during(exchange -> {
            inFlight.enter(exchange, WorkKind.TURN, FIRST);

            assertThat(inFlight.goOn(exchange, WorkKind.SEND, SECOND)).isFalse();

            assertThat(inFlight.enter(exchange(), WorkKind.TURN, FIRST)).isFalse();
        });
    }

    @Test
    void takesNothingFromWhoEnteredARowThatWasLeftEarly() throws Exception {
        during(exchange -> {
            inFlight.enter(exchange, WorkKind.TURN, FIRST);
            inFlight.leave(exchange);
            assertThat(inFlight.enter(exchange(), WorkKind.TURN, FIRST)).isTrue();
        });

        assertThat(inFlight.enter(exchange(), WorkKind.TURN, FIRST)).isFalse();
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
