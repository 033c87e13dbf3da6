package org.caravanserai.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The limits as they are where nobody sets anything. */
class LimitsTest {

    private final HandClock clock = new HandClock();
    private final Limits limits = new Limits(properties(Map.of()), clock);

    private static LimitProperties properties(Map<String, String> given) {
        return new Binder(new MapConfigurationPropertySource(given)).bindOrCreate("hub.limits", LimitProperties.class);
    }

    @Test
    void refuseNoEventOfAChannelBelowAThousandASecondHoweverUnevenlyTheyCome() {
        long refused = 0;
        for (int second = 0; second < 300; second++) {
            int events = second % 10 == 0 ? 10_000 : 0; // as many as a thousand a second, all at once
            refused += IntStream.range(0, events)
                    .filter(i -> !limits.eventsOfChannel().take("steady").isWithin())
                    .count();
            clock.pass(Duration.ofSeconds(1));
        }

        assertThat(refused).isZero();
    }

    @Test
    void boundAChannelThatFloodsAndLeaveAnotherAlone() {
        long taken = IntStream.range(0, 100_000)
                .filter(i -> limits.eventsOfChannel().take("loud").isWithin())
                .count();

        assertThat(taken).isEqualTo(20_000);
        assertThat(limits.eventsOfChannel().take("quiet").isWithin()).isTrue();
    }

    @Test
    void areAllOnAndAllOffWithZero() {
        assertThat(limits.requestsOfKey().isOff()).isFalse();
        assertThat(limits.requestsOfAddress().isOff()).isFalse();
        assertThat(limits.wrongKeysOfAddress().isOff()).isFalse();
        assertThat(limits.refusedOfAddress().isOff()).isFalse();
        assertThat(limits.messagesOfContact().isOff()).isFalse();
        assertThat(limits.anonymousAsks().isOff()).isFalse();

        Limits off = new Limits(
                properties(Map.of(
                        "hub.limits.wrong-keys-per-address", "0",
                        "hub.limits.events-per-channel", "0",
                        "hub.limits.anonymous-asks", "0")),
                clock);
        assertThat(IntStream.range(0, 1_000)
                        .allMatch(i -> off.wrongKeysOfAddress().take("a").isWithin()
                                && off.wrongKeysOfAddress().look("a").isWithin()
                                && off.eventsOfChannel().take("a").isWithin()
                                && off.anonymousAsks().take("a").isWithin()))
                .isTrue();
    }
}
