package org.caravanserai.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.transaction.CannotCreateTransactionException;

@ExtendWith(OutputCaptureExtension.class)
class LogFailureTest {

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    private final AtomicLong now = new AtomicLong();
    private final LogFailure logFailure = new LogFailure(new RareWarnings(now::get));

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
    void saysOfADatabaseThatIsAwayWhereAndNoMore(CapturedOutput output) {
        exchange.setProperty(
                Exchange.EXCEPTION_CAUGHT, new CannotCreateTransactionException("Could not open JDBC Connection"));

        logFailure.log(exchange);

        assertThat(output).contains("Route webhook-publish could not reach the database", "Could not open");
        assertThat(output.toString().lines().filter(line -> line.contains("\tat ")))
                .isEmpty();
    }

    @Test
    void saysOnceInTenSecondsThatTheBrokerIsAwayAndHowManyMetItMeanwhile(CapturedOutput output) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new AmqpConnectException(new IOException("refused")));

        for (int i = 0; i < 300; i++) {
            logFailure.log(exchange);
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(10));
        logFailure.log(exchange);

        assertThat(output.toString().lines().filter(line -> line.contains("could not reach the broker")))
                .hasSize(2);
        assertThat(output).contains("(and 299 more since the last such line)");
    }

    @Test
    void saysOnceThatARouteWasStopped(CapturedOutput output) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new RejectedExecutionException());

        logFailure.log(exchange);
        logFailure.log(exchange);

        assertThat(output.toString().lines().filter(line -> line.contains("Route webhook-publish was stopped")))
                .hasSize(1);
        assertThat(output).doesNotContain("\tat ");
    }

    @Test
    void saysOfTheDatabaseWhileItIsQuietAboutTheBroker(CapturedOutput output) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new AmqpConnectException(new IOException("refused")));
        logFailure.log(exchange);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new QueryTimeoutException("too slow"));

        logFailure.log(exchange);

        assertThat(output).contains("could not reach the database");
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
