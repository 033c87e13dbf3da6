package org.caravanserai.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.caravanserai.failure.RejectedException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;

class LimitTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final HandClock clock = new HandClock();

    private Limit perMinute(long quota) {
        return new Limit(clock, 1000, new Policy("default", quota, MINUTE));
    }

    private static long taken(Limit limit, Object key, int times) {
        return IntStream.range(0, times).filter(i -> limit.take(key).isWithin()).count();
    }

    @Test
    void takesTheQuotaAtOnceAndThenAsItFillsUp() {
        Limit limit = perMinute(60);

        assertThat(taken(limit, "ada", 100)).isEqualTo(60);
        clock.pass(Duration.ofSeconds(5));
        assertThat(taken(limit, "ada", 100)).isEqualTo(5);
        clock.pass(Duration.ofHours(1));
        assertThat(taken(limit, "ada", 100)).isEqualTo(60);
    }

    @Test
    void countsEachKeyByItself() {
        Limit limit = perMinute(3);
        taken(limit, "loud", 10);

        assertThat(taken(limit, "quiet", 10)).isEqualTo(3);
    }

    @Test
    void saysWhenToComeAgainInHeadersAndWords() {
        Limit limit = perMinute(4);
        MockHttpServletResponse response = new MockHttpServletResponse();

        limit.take("ada").tell(response);
        taken(limit, "ada", 3);
        Taken refused = limit.take("ada");

        assertThat(response.getHeader("RateLimit-Policy")).isEqualTo("\"default\";q=4;w=60");
        assertThat(response.getHeader("RateLimit")).isEqualTo("\"default\";r=3;t=15");
        assertThat(refused.isWithin()).isFalse();
        assertThat(refused.retryAfterSeconds()).isEqualTo(15);
        assertThat(refused.item()).isEqualTo("\"default\";r=0;t=60");
        assertThatThrownBy(() -> refused.orReject("questions"))
                .isInstanceOfSatisfying(RejectedException.class, rejected -> {
                    assertThat(rejected.status()).isEqualTo(429);
                    assertThat(rejected.retryAfter()).contains(Duration.ofSeconds(15));
                })
                .hasMessage("At most 4 questions in a minute are taken. Try again in 15 s.");
    }

    @Test
    void tellsOfSeveralLimitsInOneList() {
        MockHttpServletResponse response = new MockHttpServletResponse();

        perMinute(60).take("ada").tell(response);
        new Limit(clock, 10, new Policy("ask", 5, Duration.ofHours(1)))
                .take("ada")
                .tell(response);

        assertThat(response.getHeader("RateLimit-Policy")).isEqualTo("\"default\";q=60;w=60, \"ask\";q=5;w=3600");
        assertThat(response.getHeader("RateLimit")).isEqualTo("\"default\";r=59;t=1, \"ask\";r=4;t=720");
    }

    @Test
    void isOffWithZero() {
        Limit off = perMinute(0);
        MockHttpServletResponse response = new MockHttpServletResponse();

        assertThat(taken(off, "ada", 10_000)).isEqualTo(10_000);
        off.take("ada").tell(response);
        assertThat(response.getHeaderNames()).isEmpty();
        assertThat(off.keys()).isZero();
    }

    @Test
    void isLoweredForAKeyAndNeverRaised() {
        Limit limit = perMinute(10);

        assertThat(IntStream.range(0, 50)
                        .filter(i -> limit.take("low", 3).isWithin())
                        .count())
                .isEqualTo(3);
        assertThat(IntStream.range(0, 50)
                        .filter(i -> limit.take("high", 30).isWithin())
                        .count())
                .isEqualTo(10);
        Limit none = perMinute(0);
        assertThat(IntStream.range(0, 50)
                        .filter(i -> none.take("own", 7).isWithin())
                        .count())
                .isEqualTo(7);
    }

    @Test
    void looksWithoutCounting() {
        Limit limit = perMinute(2);

        assertThat(IntStream.range(0, 10).allMatch(i -> limit.look("ada").isWithin()))
                .isTrue();
        taken(limit, "ada", 2);
        assertThat(limit.look("ada").isWithin()).isFalse();
        assertThat(limit.look("ada").retryAfterSeconds()).isEqualTo(30);
    }

    @Test
    void keepsASpentKeySpentHoweverManyOthersCome() {
        Limit limit = perMinute(5);
        taken(limit, "guesser", 5);

        IntStream.range(0, 100_000).forEach(i -> limit.take("other" + i));

        assertThat(limit.take("guesser").isWithin()).isFalse();
        assertThat(limit.keys()).isEqualTo(1000);
    }

    @Test
    void boundsAllTogetherThatFindNoRoomAndForgetsThemOnceTheyAreGone() {
        Limit limit = perMinute(5);
        IntStream.range(0, 1000).forEach(i -> limit.take("first" + i));

        long strangers = IntStream.range(0, 50_000)
                .filter(i -> limit.take("stranger" + i).isWithin())
                .count();
        clock.pass(MINUTE.plusSeconds(2));

        assertThat(strangers).isEqualTo(500);
        assertThat(taken(limit, "late", 10)).isEqualTo(5);
        assertThat(limit.keys()).isEqualTo(1);
    }

    @Test
    void growsTheWaitOfWhoGoesOn() {
        Limit guesses =
                new Limit(clock, 10, new Policy("minute", 10, MINUTE), new Policy("hour", 100, Duration.ofHours(1)));
        AtomicInteger all = new AtomicInteger();

        for (int second = 0; second < 3600; second++) {
            all.addAndGet((int) taken(guesses, "guesser", 5));
            clock.pass(Duration.ofSeconds(1));
        }

        // 100 at first and 100 that came back within the hour, and not 600
        assertThat(all.get()).isBetween(150, 200);
        taken(guesses, "guesser", 5);
        assertThat(guesses.take("guesser").retryAfterSeconds()).isGreaterThan(20);
    }
}
