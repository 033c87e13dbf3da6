package org.caravanserai.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class LogFailureTest {

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    private final LogFailure logFailure = new LogFailure();

    @BeforeEach
    void comeFromADoor() {
        exchange.getExchangeExtension().setFromRouteId("inbound-fax");
        exchange.setProperty(Exchange.FAILURE_ROUTE_ID, "webhook-publish");
    }

    @Test
    void saysOfABrokerThatIsAwayWhereAndNoMore(CapturedOutput output) {
        exchange.setProperty(
                Exchange.EXCEPTION_CAUGHT, new AmqpConnectException(new IOException("Connection refused")));

        logFailure.log(exchange);

        assertThat(output).contains("Route webhook-publish could not reach the broker", "Connection refused");
        assertThat(output.toString().lines().filter(line -> line.contains("\tat ")))
                .isEmpty();
    }

    @Test
    void saysOfAnyOtherFailureWhereItCameFromInTheCode(CapturedOutput output) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException("of ours"));

        logFailure.log(exchange);

        assertThat(output).contains("Route webhook-publish failed", "of ours", "\tat org.caravanserai");
    }

    @Test
    void namesTheRouteItCameFromWhereNoneIsKnownToHaveFailed(CapturedOutput output) {
        exchange.removeProperty(Exchange.FAILURE_ROUTE_ID);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException("of ours"));

        logFailure.log(exchange);

        assertThat(output).contains("Route inbound-fax failed");
    }
}
