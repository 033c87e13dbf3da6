package org.caravanserai.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

public class CircuitsTest {

    private static final Duration OPEN_FOR = Duration.ofMillis(300);

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Circuits circuits = new Circuits(new CircuitProperties(20, 5, 50, OPEN_FOR, 3), meters);

    /** Circuits with the default bounds. */
    public static Circuits circuits(Duration openFor) {
        return new Circuits(new CircuitProperties(20, 5, 50, openFor, 3), new SimpleMeterRegistry());
    }

    private void fail(String system, int times) {
        for (int i = 0; i < times; i++) {
            circuits.enter("whatsapp", system).failed(new IOException("away"));
        }
    }

    private double count(String state) {
        return meters.get("hub.circuits")
                .tag("kind", "whatsapp")
                .tag("state", state)
                .gauge()
                .value();
    }

    @Test
    void spareASystemThatFailsAgainAndAgainAndSayHowLong() {
        fail("a", 5);

        assertThatThrownBy(() -> circuits.enter("whatsapp", "a"))
                .isInstanceOfSatisfying(RetryableException.class, refused -> assertThat(
                                refused.retryAfter().orElseThrow())
                        .isBetween(OPEN_FOR.dividedBy(2), OPEN_FOR.multipliedBy(2)));
    }

    @Test
    void letAFewThroughAfterAWhileAndCloseWhenTheyGoWell() {
        fail("a", 5);
        await().until(() -> isLetThrough("a"));

        circuits.enter("whatsapp", "a").succeeded();
        circuits.enter("whatsapp", "a").succeeded();

        assertThat(count("closed")).isEqualTo(1);
        assertThat(count("open")).isZero();
    }

    @Test
    void openAgainWhenTheProbesFail() {
        fail("a", 5);
        await().until(() -> isLetThrough("a"));
        fail("a", 2);

        assertThatThrownBy(() -> circuits.enter("whatsapp", "a")).isInstanceOf(RetryableException.class);
        assertThat(meters.counter("hub.circuits.opened", "kind", "whatsapp").count())
                .isEqualTo(2);
    }

    @Test
    void keepSystemsApart() {
        fail("a", 5);

        circuits.enter("whatsapp", "b").succeeded();

        assertThat(count("open")).isEqualTo(1);
        assertThat(count("closed")).isEqualTo(1);
    }

    @Test
    void stayClosedForWhatSaysNothingOrSucceedsHalfTheTime() {
        for (int i = 0; i < 20; i++) {
            circuits.enter("whatsapp", "a").ignored();
            circuits.enter("whatsapp", "a").succeeded();
            circuits.enter("whatsapp", "a").succeeded();
            circuits.enter("whatsapp", "a").failed(new IOException("once"));
        }

        assertThat(count("closed")).isEqualTo(1);
    }

    private boolean isLetThrough(String system) {
        try {
            circuits.enter("whatsapp", system).succeeded();
            return true;
        } catch (RetryableException open) {
            return false;
        }
    }
}
