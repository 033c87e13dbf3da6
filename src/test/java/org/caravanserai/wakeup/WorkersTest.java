package org.caravanserai.wakeup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkersTest {

    @Test
    void makesTheOneWhoSubmitsWaitAtTheBound() {
        Workers workers = new Workers("check", 2);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger submitted = new AtomicInteger();
        Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 3; i++) {
                workers.execute(() -> await().until(() -> release.getCount() == 0));
                submitted.incrementAndGet();
            }
        });

        await().untilAtomic(submitted, org.hamcrest.Matchers.is(2));
        await().during(Duration.ofMillis(200)).until(() -> submitted.get() == 2);
        release.countDown();
        await().untilAtomic(submitted, org.hamcrest.Matchers.is(3));

        workers.shutdown();
        assertThat(workers.isShutdown()).isTrue();
    }

    @Test
    void letNobodyWaitWhoMayNotAndKeepTheBoundAllTheSame() {
        Workers workers = new Workers("check", 1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger submitted = new AtomicInteger();

        Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 3; i++) {
                workers.withoutWaiting().execute(() -> {
                    begun.incrementAndGet();
                    await().until(() -> release.getCount() == 0);
                });
                submitted.incrementAndGet();
            }
        });

        await().untilAtomic(submitted, org.hamcrest.Matchers.is(3));
        await().untilAtomic(begun, org.hamcrest.Matchers.is(1));
        await().during(Duration.ofMillis(200)).until(() -> begun.get() == 1);
        release.countDown();
        await().untilAtomic(begun, org.hamcrest.Matchers.is(3));
        workers.shutdown();
    }

    @Test
    void haveRoomUntilHalfOfTheirPlacesAreTaken() {
        Workers workers = new Workers("check", 4);
        CountDownLatch release = new CountDownLatch(1);

        workers.execute(() -> await().until(() -> release.getCount() == 0));
        assertThat(workers.haveRoom()).isTrue();
        workers.execute(() -> await().until(() -> release.getCount() == 0));
        assertThat(workers.haveRoom()).isFalse();

        release.countDown();
        await().until(workers::haveRoom);
        workers.shutdown();
    }
}
