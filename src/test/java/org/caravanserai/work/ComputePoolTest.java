package org.caravanserai.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.caravanserai.failure.BusyException;
import org.caravanserai.failure.DeadlineException;
import org.caravanserai.failure.RetryableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComputePoolTest {

    private static final Job SOON = Job.of("pattern", null).within(Duration.ofMillis(100));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ComputePool pool = new ComputePool(properties(2, 10), meters);
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean spinning = new AtomicBoolean(true);

    @AfterEach
    void stops() {
        spinning.set(false);
        callers.close();
        pool.close();
    }

    @Test
    void runsNoMoreAtOnceThanItHasThreadsAndNoneOnTheCallers() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger virtual = new AtomicInteger();
        CountDownLatch twoRun = new CountDownLatch(2);
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            calls.add(callers.submit(() -> pool.run(Job.of("sentences", "a"), () -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                virtual.addAndGet(Thread.currentThread().isVirtual() ? 1 : 0);
                twoRun.countDown();
                twoRun.await(10, TimeUnit.SECONDS);
                return running.decrementAndGet();
            })));
        }
        for (Future<?> call : calls) {
            call.get(20, TimeUnit.SECONDS);
        }

        assertThat(most).hasValue(2);
        assertThat(virtual).hasValue(0);
    }

    @Test
    void throwsWhatTheWorkThrows() {
        assertThatThrownBy(() -> pool.run(SOON, () -> {
                    throw new IOException("damaged");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("damaged");
        assertThatThrownBy(() -> pool.run(SOON, () -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThat(pool.run(SOON, () -> "and goes on")).isEqualTo("and goes on");
    }

    @Test
    void interruptsWhatIsLate() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();

        assertThatThrownBy(() -> pool.run(SOON, () -> {
                    try {
                        never.await();
                    } catch (InterruptedException told) {
                        interrupted.set(true);
                    }
                    return null;
                }))
                .isInstanceOf(DeadlineException.class)
                .hasMessageContaining("100 ms");

        await().untilTrue(interrupted);
        assertThat(pool.run(SOON, () -> Thread.currentThread().isInterrupted())).isFalse();
    }

    @Test
    void aTaskThatNeverEndsTakesNoPlaceFromOthers() {
        int count = 0;
        for (String owner : List.of("a", "b", "c")) {
            getStuck(owner, ++count);
        }

        assertThat(pool.run(Job.of("sentences", "a"), () -> "done")).isEqualTo("done");
    }

    @Test
    void workOfAnOwnerWhoseWorkNeverEndsIsRefusedAndAfterSomeThatOfTheWholeKind() {
        getStuck("a", 1);

        assertThatThrownBy(() -> pool.run(job("pattern", "a"), () -> 1))
                .isInstanceOf(BusyException.class)
                .hasMessageContaining("refused");
        assertThat(pool.run(job("pattern", "b"), () -> 1)).isEqualTo(1);

        getStuck("b", 2);
        getStuck("c", 3);
        getStuck("d", 4);
        assertThatThrownBy(() -> pool.run(job("pattern", "e"), () -> 1)).isInstanceOf(BusyException.class);
        assertThat(pool.run(job("sentences", "a"), () -> 1)).isEqualTo(1);

        spinning.set(false);
        await().untilAsserted(() -> assertThat(stuck()).isZero());
        assertThat(pool.run(job("pattern", "a"), () -> 1)).isEqualTo(1);
    }

    @Test
    void ownersTakeTurns() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        holdBothThreads(go);
        for (int i = 0; i < 6; i++) {
            submit("flood", order);
        }
        awaitQueued(6);
        submit("quiet", order);
        awaitQueued(7);

        go.countDown();

        await().until(() -> order.size() == 7);
        assertThat(order.indexOf("quiet")).isLessThanOrEqualTo(2);
    }

    @Test
    void aFloodFillsTheQueueForItselfAlone() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        holdBothThreads(go);
        for (int i = 0; i < 10; i++) {
            submit("flood", order);
        }
        awaitQueued(10);

        assertThatThrownBy(() -> pool.run(job("sentences", "flood"), () -> 1)).isInstanceOf(BusyException.class);
        submit("quiet", order);
        await().until(() -> meters.counter("hub.compute.refused", "kind", "sentences", "reason", "full")
                        .count()
                == 2);
        go.countDown();

        await().until(() -> order.size() == 10);
        assertThat(order).contains("quiet");
    }

    @Test
    void documentsLeaveAThreadToMessages() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        for (int i = 0; i < 4; i++) {
            callers.submit(() -> pool.run(Job.backlog("chunks", "a"), () -> go.await(10, TimeUnit.SECONDS)));
        }
        awaitQueued(3);

        assertThat(pool.run(Job.of("sentences", "a"), () -> 1)).isEqualTo(1);
        go.countDown();
    }

    @Test
    void whatWasNotBegunInTimeIsNoFaultOfItsOwn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        holdBothThreads(go);

        assertThatThrownBy(() -> pool.run(SOON, () -> 1)).isInstanceOf(BusyException.class);
        assertThat(meters.get("hub.compute.queued").gauge().value()).isZero();
        go.countDown();
    }

    @Test
    void workThatRunsHereMayAskForMore() {
        assertThat(pool.run(SOON, () -> pool.run(SOON, () -> pool.run(SOON, () -> 1))))
                .isEqualTo(1);
    }

    @Test
    void asksToTryAgainOnceItIsClosed() {
        pool.close();

        assertThatThrownBy(() -> pool.run(SOON, () -> 1)).isInstanceOf(RetryableException.class);
    }

    private static ComputeProperties properties(int threads, int queue) {
        return new ComputeProperties(
                threads, queue, Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMillis(50), 4);
    }

    private static Job job(String kind, String owner) {
        return new Job(kind, owner, false, Duration.ofMillis(100));
    }

    private void holdBothThreads(CountDownLatch until) {
        CountDownLatch held = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            callers.submit(() -> pool.run(Job.of("held", null), () -> {
                held.countDown();
                return until.await(10, TimeUnit.SECONDS);
            }));
        }
        await().until(() -> held.getCount() == 0);
    }

    private void submit(String owner, List<String> order) {
        callers.submit(() -> pool.run(Job.of("sentences", owner), () -> order.add(owner)));
    }

    private void awaitQueued(int count) {
        await().until(() -> meters.get("hub.compute.queued").gauge().value() == count);
    }

    /** Until it has begun: on a busy machine its time may be over before. */
    private void getStuck(String owner, int count) {
        await().ignoreExceptionsInstanceOf(BusyException.class)
                .untilAsserted(() -> assertThatThrownBy(() -> pool.run(job("pattern", owner), this::spin))
                        .isInstanceOf(DeadlineException.class));
        await().untilAsserted(() -> assertThat(stuck()).isEqualTo(count));
    }

    private double stuck() {
        return meters.get("hub.compute.stuck").gauge().value();
    }

    /** As a matcher that backtracks: it looks at no interrupt. */
    private Object spin() {
        while (spinning.get()) {
            Thread.onSpinWait();
        }
        return null;
    }
}
