package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.caravanserai.failure.RetryableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessorThreadsTest {

    private final ProcessorThreads threads = new ProcessorThreads("busy-", 2);

    @AfterEach
    void stops() {
        threads.close();
    }

    @Test
    void runsNoMoreAtOnceThanItHasThreadsAndNoneOnTheCallers() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger virtual = new AtomicInteger();
        CountDownLatch twoRun = new CountDownLatch(2);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?>[] calls = new Future<?>[20];
            for (int i = 0; i < calls.length; i++) {
                calls[i] = callers.submit(() -> threads.run(() -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    virtual.addAndGet(Thread.currentThread().isVirtual() ? 1 : 0);
                    twoRun.countDown();
                    twoRun.await(10, TimeUnit.SECONDS);
                    return running.decrementAndGet();
                }));
            }
            for (Future<?> call : calls) {
                call.get(20, TimeUnit.SECONDS);
            }
        }

        assertThat(most).hasValue(2);
        assertThat(virtual).hasValue(0);
    }

    @Test
    void throwsWhatTheWorkThrows() {
        assertThatThrownBy(() -> threads.run(() -> {
                    throw new IOException("damaged");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("damaged");
        assertThatThrownBy(() -> threads.run(() -> {
                    throw new IllegalStateException("wrong");
                }))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void asksToTryAgainOnceItIsClosed() {
        threads.close();

        assertThatThrownBy(() -> threads.run(() -> 1)).isInstanceOf(RetryableException.class);
    }
}
