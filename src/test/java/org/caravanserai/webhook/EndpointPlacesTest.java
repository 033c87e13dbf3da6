package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class EndpointPlacesTest {

    private static final UUID ENDPOINT = new UUID(0, 1);
    private static final UUID DELIVERY = new UUID(1, 1);
    private static final UUID ANOTHER = new UUID(1, 2);

    private final EndpointPlaces places = new EndpointPlaces(
            new WebhookProperties(List.of(Duration.ofSeconds(5)), Duration.ofDays(5), 2, 1), new SimpleMeterRegistry());
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @Test
    void keepsAReservedPlaceForItsDelivery() {
        EndpointPlaces.Reserved reserved = places.nothingReserved();
        assertThat(places.reserve(reserved, DELIVERY, ENDPOINT, false)).isTrue();
        assertThat(places.reserve(reserved, ANOTHER, ENDPOINT, false)).isTrue();
        assertThat(places.enter(exchange(), ENDPOINT, false)).isFalse();
        Exchange attempt = exchange();
        attempt.setProperty(EndpointPlaces.RESERVED, reserved);

        places.takeReserved(attempt, DELIVERY);

        assertThat(places.holds(attempt)).isTrue();
        places.leave(attempt, false, false);
        assertThat(places.room(ENDPOINT, false)).isEqualTo(1);
    }

    @Test
    void givesBackWhatWasReservedForDeliveriesThatCameToNothing() {
        EndpointPlaces.Reserved reserved = places.nothingReserved();
        places.reserve(reserved, DELIVERY, ENDPOINT, true);
        assertThat(places.room(ENDPOINT, true)).isZero();

        reserved.keepOnly(List.of());

        assertThat(places.room(ENDPOINT, true)).isEqualTo(1);
        assertThat(places.room(ENDPOINT, false)).isEqualTo(2);
    }

    @Test
    void tellsWhoLeavesAFullEndpointThatOthersWait() {
        Exchange first = exchange();
        places.enter(first, ENDPOINT, false);
        places.enter(exchange(), ENDPOINT, false);
        assertThat(places.mayStay(first, false)).isFalse();

        assertThat(places.awaited(ENDPOINT, false)).isZero();

        assertThat(places.mayStay(first, false)).isTrue();
        assertThat(places.leave(first, false, false)).isEqualTo(1);
    }

    @Test
    void hasWhatIsParkedWokenAtOnceWhereThereIsRoom() {
        places.enter(exchange(), ENDPOINT, false);

        assertThat(places.awaited(ENDPOINT, false)).isEqualTo(1);
    }

    @Test
    void doesNotLetTheProbeOfAFailingEndpointStay() {
        Exchange probe = exchange();
        places.enter(probe, ENDPOINT, true);

        assertThat(places.mayStay(probe, true)).isFalse();
        assertThat(places.leave(probe, false, true)).isEqualTo(2);
    }

    private Exchange exchange() {
        return new DefaultExchange(camel);
    }
}
