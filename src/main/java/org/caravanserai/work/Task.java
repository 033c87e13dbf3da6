package org.caravanserai.work;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** One piece of work. What it says of itself is read and written under the pool's lock alone. */
final class Task<T> extends FutureTask<T> {

    private final Job job;
    private Thread worker;
    private long begunAt;
    private boolean ended;
    private boolean stuck;

    Task(Job job, Callable<T> work) {
        super(work);
        this.job = job;
    }

    Job job() {
        return job;
    }

    void begin(Thread thread) {
        worker = thread;
        begunAt = System.nanoTime();
    }

    boolean hasBegun() {
        return worker != null;
    }

    Duration ranFor() {
        return Duration.ofNanos(System.nanoTime() - begunAt);
    }

    StackTraceElement[] whereItIs() {
        return worker.getStackTrace();
    }

    void end() {
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    void giveUp() {
        stuck = true;
    }

    /** Whether another thread took its worker's place. */
    boolean isStuck() {
        return stuck;
    }
}
