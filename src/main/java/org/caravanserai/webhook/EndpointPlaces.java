package org.caravanserai.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * How many attempts each endpoint has in flight on this hub, so that none takes the workers of the others. An endpoint whose
 * last attempt failed has its circuit open: one attempt at a time probes it, and success closes the circuit. Whether it
 * fails is in its row ({@code failing_since}), so all hubs know, and a restart forgets nothing. Here is only what is in
 * flight: an endpoint without an attempt has no entry.
 */
@Component
@EnableConfigurationProperties(WebhookProperties.class)
class EndpointPlaces {

    private static final String PLACE = "HubEndpointPlace";

    private final int bound;
    private final Semaphore failingPlaces;
    private final Map<UUID, Busy> busy = new ConcurrentHashMap<>();

    /** @param waiting whether a delivery found no place since the last was given back */
    private record Busy(int inFlight, boolean waiting) {}

    private record Place(UUID webhookId, boolean isOfFailing) {}

    EndpointPlaces(WebhookProperties webhooks, MeterRegistry meters) {
        this.bound = webhooks.maxConcurrentPerEndpoint();
        this.failingPlaces = new Semaphore(webhooks.maxConcurrentFailing());
        meters.gauge("hub.webhooks.endpoints.busy", busy, Map::size);
    }

    private int bound(boolean isFailing) {
        return isFailing ? 1 : bound;
    }

    /**
     * Takes a place until {@link #leave}, or at latest until the exchange is done.
     *
     * @return false if the endpoint has none free
     */
    boolean enter(Exchange exchange, UUID webhookId, boolean isFailing) {
        if (isFailing && !failingPlaces.tryAcquire()) {
            return false;
        }
        AtomicInteger entered = new AtomicInteger();
        busy.compute(webhookId, (id, now) -> {
            int inFlight = now == null ? 0 : now.inFlight;
            if (inFlight >= bound(isFailing)) {
                return new Busy(inFlight, true);
            }
            entered.set(1);
            return new Busy(inFlight + 1, now != null && now.waiting);
        });
        if (entered.get() == 0) {
            if (isFailing) {
                failingPlaces.release();
            }
            return false;
        }
        exchange.setProperty(PLACE, new Place(webhookId, isFailing));
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                leave(done, true, false);
            }
        });
        return true;
    }

    /** Whether the exchange has a place. */
    boolean holds(Exchange exchange) {
        return exchange.getProperty(PLACE) != null;
    }

    /**
     * Whether the exchange may keep its place for the endpoint's next delivery. One that probes a failing endpoint may not:
     * after its success as many as the endpoint has places are to be woken.
     *
     * @param isMoreKnown whether deliveries were waiting when the attempt began
     */
    boolean mayStay(Exchange exchange, boolean isMoreKnown) {
        if (!(exchange.getProperty(PLACE) instanceof Place place) || place.isOfFailing) {
            return false;
        }
        Busy now = busy.get(place.webhookId);
        return isMoreKnown || now != null && now.waiting;
    }

    /** How many attempts of this endpoint would find a place now. */
    int room(UUID webhookId, boolean isFailing) {
        Busy now = busy.get(webhookId);
        int free = Math.max(0, bound(isFailing) - (now == null ? 0 : now.inFlight));
        return isFailing && failingPlaces.availablePermits() == 0 ? 0 : free;
    }

    /**
     * Deliveries were parked, and their rows can be seen.
     *
     * @return how many of them find a place now and are to be woken; if none does, whoever leaves next wakes them
     */
    int awaited(UUID webhookId, boolean isFailing) {
        busy.computeIfPresent(
                webhookId, (id, now) -> now.inFlight < bound(isFailing) ? now : new Busy(now.inFlight, true));
        return room(webhookId, isFailing);
    }

    /**
     * Gives the exchange's place back, if it has not been.
     *
     * @param isFailing whether the attempt failed
     * @param isMoreKnown whether deliveries were waiting when the attempt began
     * @return how many of those that wait may be woken now
     */
    int leave(Exchange exchange, boolean isFailing, boolean isMoreKnown) {
        if (!(exchange.removeProperty(PLACE) instanceof Place place)) {
            return 0;
        }
        if (place.isOfFailing) {
            failingPlaces.release();
        }
        AtomicInteger free = new AtomicInteger();
        busy.computeIfPresent(place.webhookId, (id, now) -> {
            int left = now.inFlight - 1;
            boolean isWaiting = now.waiting || isMoreKnown;
            free.set(isWaiting ? Math.max(0, bound(isFailing) - left) : 0);
            return left == 0 ? null : new Busy(left, isWaiting && free.get() == 0);
        });
        return free.get();
    }
}
