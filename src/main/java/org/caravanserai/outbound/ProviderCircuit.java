package org.caravanserai.outbound;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
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

    /** A send that found no place comes back after about this long, spread. */
    private static final long BUSY_MILLIS = 5_000;

    private final Circuits circuits;
    private final int places;
    private final Map<UUID, Integer> taken = new ConcurrentHashMap<>();

    ProviderCircuit(Circuits circuits, HttpProperties http) {
        this.circuits = circuits;
        this.places = http.maxSendsPerChannel();
    }

    /**
     * Asks leave for the request that the exchange holds.
     *
     * @throws RetryableException with the time to wait while the circuit is open, or too many sends of the channel are under way
     */
    public void enter(Exchange exchange) {
        Send send = exchange.getProperty("HubSend", Send.class);
        URI target = URI.create(exchange.getMessage().getHeader(Exchange.HTTP_URI, String.class));
        exchange.setProperty(OPEN, true);
        takePlace(exchange, send.channel().id());
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

    /** A channel that hangs must leave workers to the others. */
    private void takePlace(Exchange exchange, UUID channelId) {
        if (taken.merge(channelId, 1, Integer::sum) > places) {
            leavePlace(channelId);
            throw new RetryableException(
                    "The channel has " + places + " sends under way already.",
                    Duration.ofMillis(
                            (long) (BUSY_MILLIS * ThreadLocalRandom.current().nextDouble(0.5, 1.5))),
                    null);
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                leavePlace(channelId);
            }
        });
    }

    private void leavePlace(UUID channelId) {
        taken.computeIfPresent(channelId, (id, count) -> count == 1 ? null : count - 1);
    }

    /** The provider answered that it is not well, other than that it refuses this one message. */
    public static void providerFailed(Exchange exchange) {
        exchange.setProperty(FAILED, true);
    }

    /** Whether the send was not tried, because the circuit was open or the channel had no place. */
    static boolean isOpenFor(Exchange exchange) {
        return exchange.getProperty(OPEN) != null;
    }
}
