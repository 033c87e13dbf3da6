package org.caravanserai.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BodyMemoryTest {

    private static final Runnable NOTHING = () -> {};

    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger ended = new AtomicInteger();

    @Test
    void countsWhatHasComeAndNotWhatIsAnnounced() {
        BodyMemory memory = memory(100, 100);

        for (int i = 0; i < 50; i++) {
            assertThat(memory.open("a" + i, NOTHING).reserve(2)).isTrue();
        }
        assertThat(memory.used()).isEqualTo(100);
        assertThat(memory.open("b", NOTHING).reserve(1)).isFalse();
    }

    @Test
    void givesBackWhatWasHeld() {
        BodyMemory memory = memory(100, 100);
        try (BodyMemory.Body body = memory.open("a", NOTHING)) {
            assertThat(body.reserve(60)).isTrue();
            assertThat(body.reserve(40)).isTrue();
            body.giveBack();
            assertThat(body.reserve(100)).isTrue();
        }

        assertThat(memory.used()).isZero();
        assertThat(memory.open("a", NOTHING).reserve(100)).isTrue();
    }

    @Test
    void leavesToOthersWhatOneAddressMayNotHave() {
        BodyMemory memory = memory(100, 60);
        memory.open("a", NOTHING).reserve(60);

        assertThat(memory.open("a", NOTHING).reserve(1)).isFalse();
        assertThat(memory.open("b", NOTHING).reserve(40)).isTrue();
    }

    @Test
    void endsTheSlowestOfThoseThatComeStill() throws Exception {
        BodyMemory memory = memory(100, 100, Duration.ofSeconds(20));
        CountDownLatch slowEnded = new CountDownLatch(1);
        BodyMemory.Body whole = memory.open("a", ended::incrementAndGet);
        whole.reserve(20);
        whole.complete();
        memory.open("b", ended::incrementAndGet).reserve(50);
        BodyMemory.Body slow = memory.open("c", slowEnded::countDown);
        slow.reserve(30);
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));

        CompletableFuture<Boolean> fresh =
                CompletableFuture.supplyAsync(() -> memory.open("d", NOTHING).reserve(30));
        assertThat(slowEnded.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(slow.isDropped()).isTrue();
        assertThat(slow.reserve(1)).isFalse();
        slow.close();

        assertThat(fresh.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(ended).hasValue(0);
    }

    @Test
    void endsOnlyItsOwnWhereOneAddressHasTooMuch() {
        BodyMemory memory = memory(100, 50);
        memory.open("b", ended::incrementAndGet).reserve(1);
        BodyMemory.Body own = memory.open("a", NOTHING);
        own.reserve(50);
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));

        assertThat(memory.open("a", NOTHING).reserve(10)).isFalse();

        assertThat(own.isDropped()).isTrue();
        assertThat(ended).hasValue(0);
    }

    @Test
    void endsNobodyWhoIsYoungOrFast() {
        BodyMemory memory = memory(10_000_000, 10_000_000);
        memory.open("fast", ended::incrementAndGet).reserve(9_999_999);
        now.addAndGet(TimeUnit.SECONDS.toNanos(3));
        memory.open("young", ended::incrementAndGet).reserve(1);

        assertThat(memory.open("c", NOTHING).reserve(1)).isFalse();
        assertThat(ended).hasValue(0);
    }

    private BodyMemory memory(long max, long perAddress) {
        return memory(max, perAddress, Duration.ZERO);
    }

    private BodyMemory memory(long max, long perAddress, Duration wait) {
        return new BodyMemory(max, perAddress, wait, now::get);
    }
}
