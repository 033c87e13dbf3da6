package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuestionsFirstTest {

    private final QuestionsFirst questions = new QuestionsFirst(3);
    private final QuestionsFirst.Backlog backlog = questions.backlog("backlog-");
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final Semaphore mayEnd = new Semaphore(0);

    @BeforeEach
    void hasMoreToDoThanProcessors() {
        for (int i = 0; i < 20; i++) {
            backlog.execute(() -> {
                running.incrementAndGet();
                mayEnd.acquireUninterruptibly();
                running.decrementAndGet();
                done.incrementAndGet();
            });
        }
    }

    @AfterEach
    void close() {
        mayEnd.release(100);
        backlog.close();
    }

    @Test
    void givesTheBacklogEveryProcessorWhileNobodyAsks() {
        await().until(() -> running.get() == 3);
    }

    @Test
    void takesOneFromTheBacklogWhileSomebodyAsksAndGivesItBackAMomentAfter() throws InterruptedException {
        await().until(() -> running.get() == 3);
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch asking = new CountDownLatch(1);
        Thread.startVirtualThread(() -> questions.ask(() -> {
            asking.countDown();
            return awaited(answered);
        }));
        assertThat(asking.await(10, TimeUnit.SECONDS)).isTrue();

        mayEnd.release(2); // both places are left, one is taken again
        await().until(() -> done.get() == 2);
        await().during(Duration.ofMillis(700)).until(() -> running.get() == 2);

        answered.countDown();
        await().until(() -> running.get() == 3);
    }

    @Test
    void asksAtOnceHoweverLongTheBacklogIs() {
        await().until(() -> running.get() == 3);

        assertThat(questions.<String, RuntimeException>ask(() -> "an answer")).isEqualTo("an answer");
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
