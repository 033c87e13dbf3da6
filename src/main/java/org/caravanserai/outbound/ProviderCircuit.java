package org.caravanserai.outbound;

import java.io.IOException;
import java.net.URI;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.RetryableException;
import org.springframework.stereotype.Component;

/**
 * The circuit of a channel's provider, by its address and the channel: while it fails again and again, sends fail at once
 * and wait in their rows. A send that was never tried is not given up for it.
 */
@Component("providerCircuit")
public class ProviderCircuit {

    private static final String FAILED = "HubProviderFailed";
    private static final String OPEN = "HubCircuitOpen";

    private final Circuits circuits;

    ProviderCircuit(Circuits circuits) {
        this.circuits = circuits;
    }

    /**
     * Asks leave for the request that the exchange holds.
     *
     * @throws RetryableException with the time to wait while the circuit is open
     */
    public void enter(Exchange exchange) {
        Send send = exchange.getProperty("HubSend", Send.class);
        URI target = URI.create(exchange.getMessage().getHeader(Exchange.HTTP_URI, String.class));
        exchange.setProperty(OPEN, true);
        Circuits.Call call = circuits.enter(
                send.channel().type(),
                target.getAuthority() + ", channel " + send.channel().id());
        exchange.removeProperty(OPEN);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                Throwable cause = done.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
                if (cause instanceof IOException || done.getProperty(FAILED) != null) {
                    call.failed(cause);
                } else {
                    call.succeeded();
                }
            }
        });
    }

    /** The provider answered that it is not well, other than that it refuses this one message. */
    public static void providerFailed(Exchange exchange) {
        exchange.setProperty(FAILED, true);
    }

    /** Whether the send was not tried, because the circuit was open. */
    static boolean isOpenFor(Exchange exchange) {
        return exchange.getProperty(OPEN) != null;
    }
}
