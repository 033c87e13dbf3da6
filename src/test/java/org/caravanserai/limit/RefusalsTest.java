package org.caravanserai.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RefusalsTest {

    private final HandClock clock = new HandClock();
    private final List<String> lines = new ArrayList<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Refusals refusals = new Refusals(meters, lines::add, clock::currentTimeNanos, Runnable::run);

    @Test
    void tellsOfTheFirstAtOnceAndOfTheRestOnceInTenSeconds() {
        IntStream.range(0, 1500).forEach(i -> refusals.add("wrong key", "192.0.2.7"));
        List<String> atOnce = List.copyOf(lines);
        clock.pass(Duration.ofSeconds(11));
        refusals.settle();
        IntStream.range(0, 20).forEach(i -> refusals.add("wrong key", "192.0.2.7"));
        clock.pass(Duration.ofSeconds(11));
        refusals.settle();
        clock.pass(Duration.ofSeconds(11));
        refusals.settle();

        assertThat(atOnce).hasSize(1).first().asString().contains("192.0.2.7: wrong key");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).contains("1499 more requests within 10 s from 192.0.2.7: wrong key");
        assertThat(lines.get(2)).contains("20 more requests");
        assertThat(meters.counter("hub.rejected", "reason", "wrong_key").count())
                .isEqualTo(1520);
    }

    @Test
    void tellsFewAddressesApartHoweverManyThereAre() {
        IntStream.range(0, 5000).forEach(i -> refusals.add("wrong key", "192.0.2." + i));

        assertThat(lines).hasSizeLessThan(110).anyMatch(line -> line.contains("many other addresses"));
    }
}
