package org.caravanserai.wakeup;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Wakes a route when a row of its own becomes due, for waits of seconds. Timers are a convenience: their number is bounded,
 * they are lost with the process, and the sweep finds what they miss.
 */
@Component
public class WakeLater implements DisposableBean {

    private static final int TIMERS_MAX = 50_000;
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final Wake wake;
    private final Semaphore free = new Semaphore(TIMERS_MAX);
    private final ScheduledThreadPoolExecutor timer;

    WakeLater(Wake wake) {
        this.wake = wake;
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("wake-later").daemon().factory());
        this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Wakes the row at its due time, or leaves that to the sweep if it is far off or there are too many timers. */
    public void at(String route, WakeUp row, Instant due) {
        Duration wait = Duration.between(Instant.now(), due);
        if (wait.compareTo(LONGEST) > 0 || !free.tryAcquire()) {
            return;
        }
        timer.schedule(
                () -> {
                    free.release();
                    wake.up(route, row.tenantId(), row.id());
                },
                Math.max(0, wait.toMillis() + 1),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void destroy() {
        timer.shutdownNow();
    }
}
