package org.caravanserai.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Patience patience = new Patience(10 * SECOND, 1024);

    @Test
    void isNotUsedUpWhileTheHubIsBusyItself() {
        patience.begin(0);
        patience.end(SECOND, 100);

        assertThat(patience.isOver(1000 * SECOND)).isFalse();
        assertThat(patience.used(1000 * SECOND)).isZero();
    }

    @Test
    void isOverAfterOneLongSilence() {
        patience.begin(5 * SECOND);

        assertThat(patience.isOver(14 * SECOND)).isFalse();
        assertThat(patience.isOver(15 * SECOND)).isTrue();
    }

    /** Tomcat's own timeout begins anew with each byte. */
    @Test
    void isOverForWhoSendsAByteASecond() {
        long now = 0;
        for (; now < 10 * SECOND; now += SECOND) {
            patience.begin(now);
            patience.end(now + SECOND, 1);
        }
        patience.begin(now);

        assertThat(patience.isOver(now + SECOND)).isTrue();
    }

    @Test
    void lastsForWhoKeepsTheRate() {
        for (long now = 0; now < 3600 * SECOND; now += SECOND) {
            patience.begin(now);
            assertThat(patience.isOver(now + SECOND)).isFalse();
            patience.end(now + SECOND, 1024);
        }
    }

    @Test
    void cannotBeSavedUp() {
        patience.begin(0);
        patience.end(1, 100_000_000);
        patience.begin(1);

        assertThat(patience.isOver(10 * SECOND + 1)).isTrue();
    }

    @Test
    void beginsAnewWithEachRequest() {
        patience.begin(0);
        patience.end(9 * SECOND, 0);
        patience.renew();
        patience.begin(9 * SECOND);

        assertThat(patience.used(10 * SECOND)).isEqualTo(SECOND);
    }
}
