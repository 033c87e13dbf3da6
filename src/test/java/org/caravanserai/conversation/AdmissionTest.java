package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.stream.IntStream;
import org.caravanserai.work.HubWork;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private static final UUID LOUD = new UUID(0, 1);
    private static final UUID QUIET = new UUID(0, 2);

    private final Admission admission = new Admission(HubWork.of(100));

    @Test
    void aTenantThatIsAloneMayHaveAllAndNotOneMore() {
        assertThat(takes(LOUD, 200)).isEqualTo(100);
        assertThat(admission.inFlight()).isEqualTo(100);
    }

    @Test
    void aTenantKeepsOffTheLastTenthWhileOthersCome() {
        takes(QUIET, 1);
        admission.leave(QUIET);

        assertThat(takes(LOUD, 200)).isEqualTo(90);
        assertThat(takes(QUIET, 5)).isEqualTo(5);
    }

    @Test
    void nobodyIsRefusedItsFairShareWhileThereIsAPlace() {
        takes(LOUD, 100);
        IntStream.range(0, 50).forEach(i -> admission.leave(LOUD));

        assertThat(takes(QUIET, 100)).isEqualTo(50);
        assertThat(takes(LOUD, 1)).isZero();
    }

    @Test
    void whoHasItsShareIsCrowdedAndGetsOnlyWhatIsSpare() {
        takes(QUIET, 1);
        takes(LOUD, 200);

        Admission.Room room = admission.room();

        assertThat(room.crowded()).containsExactly(LOUD);
        assertThat(room.places()).isEqualTo(10);
        assertThat(room.spare()).isZero();
        assertThat(room.isOpenToAll()).isFalse();
    }

    @Test
    void aFreedPlaceIsToldOnlyWhileSomeoneWaits() throws InterruptedException {
        takes(LOUD, 100);
        admission.leave(LOUD);
        long idle = waitFor(Duration.ofMillis(200));

        admission.waits();
        waitFor(Duration.ofSeconds(5));
        admission.leave(LOUD);
        long told = waitFor(Duration.ofSeconds(5));

        assertThat(idle).isGreaterThanOrEqualTo(200);
        assertThat(told).isLessThan(1000);
    }

    @Test
    void whoBeganToWaitMeanwhileIsNotForgotten() throws InterruptedException {
        takes(LOUD, 100);
        Admission.Room before = admission.room();
        admission.waits();
        waitFor(Duration.ofSeconds(5));

        admission.nobodyWaited(before);
        admission.leave(LOUD);

        assertThat(waitFor(Duration.ofSeconds(5))).isLessThan(1000);
    }

    private int takes(UUID tenant, int times) {
        return (int)
                IntStream.range(0, times).filter(i -> admission.take(tenant)).count();
    }

    /** @return milliseconds until it was told, or the longest */
    private long waitFor(Duration longest) throws InterruptedException {
        long began = System.nanoTime();
        admission.awaitChange(longest);
        return Duration.ofNanos(System.nanoTime() - began).toMillis();
    }
}
