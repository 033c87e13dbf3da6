package org.caravanserai.wakeup;

import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A virtual thread for each piece of work, up to a bound. At the bound, whoever submits waits: a queue's consumer then
 * takes no more, so that the backlog stays in the broker and not in the heap.
 */
public final class Workers extends AbstractExecutorService {

    private static final int FEW = 100;

    private final ExecutorService threads;
    private final Semaphore places;
    private final int kept;
    private final boolean submitterWaits;
    /** Who is at work, and whether its place is still its own. */
    private final Map<Thread, AtomicBoolean> atWork;

    Workers(String name, int bound) {
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + "-", 0).factory());
        this.places = new Semaphore(bound);
        this.kept = bound - Math.min(FEW, bound / 2);
        this.submitterWaits = true;
        this.atWork = new ConcurrentHashMap<>();
    }

    private Workers(Workers same) {
        this.threads = same.threads;
        this.places = same.places;
        this.kept = same.kept;
        this.submitterWaits = false;
        this.atWork = same.atWork;
    }

    /**
     * The same workers for one who may not wait: at the bound, what it submits waits in a thread of its own. So much may be
     * submitted only as something else bounds.
     */
    Workers withoutWaiting() {
        return new Workers(this);
    }

    /**
     * Whether few are at work here, fewer than 100 and than half of the bound. Then this hub begins at once what it has made
     * due; else it goes to the queue, from which any hub takes it that has the time.
     */
    public boolean haveRoom() {
        return places.availablePermits() > kept;
    }

    @Override
    public void execute(Runnable work) {
        if (!submitterWaits) {
            threads.execute(() -> {
                take();
                workAndLeave(work);
            });
            return;
        }
        take();
        try {
            threads.execute(() -> workAndLeave(work));
        } catch (RejectedExecutionException stopping) {
            places.release();
            throw stopping;
        }
    }

    private void take() {
        try {
            places.acquire();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while waiting for a place", stopped);
        }
    }

    private void workAndLeave(Runnable work) {
        AtomicBoolean hasPlace = new AtomicBoolean(true);
        atWork.put(Thread.currentThread(), hasPlace);
        try {
            work.run();
        } finally {
            atWork.remove(Thread.currentThread());
            release(hasPlace);
        }
    }

    /** Gives the place of a thread to others, though it is still at work; nothing if it is none of these workers. */
    public void giveBack(Thread worker) {
        AtomicBoolean hasPlace = atWork.get(worker);
        if (hasPlace != null) {
            release(hasPlace);
        }
    }

    private void release(AtomicBoolean hasPlace) {
        if (hasPlace.compareAndSet(true, false)) {
            places.release();
        }
    }

    @Override
    public void shutdown() {
        threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return threads.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return threads.awaitTermination(timeout, unit);
    }
}
