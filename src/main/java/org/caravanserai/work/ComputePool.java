package org.caravanserai.work;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.caravanserai.failure.BusyException;
import org.caravanserai.failure.DeadlineException;
import org.caravanserai.failure.RetryableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Computes on the texts of others, on a few platform threads and within a deadline. Virtual threads have one carrier a
 * processor and give it back only when they wait: on them, a text that is computed on for hours takes a processor from
 * everybody, and a few of them stop the hub.
 *
 * <p>Owners take turns, and work on documents leaves one thread to messages. Work that is late is interrupted; where that does
 * not end it, another thread takes its worker's place, and its owner, after several such its whole kind, is refused.
 */
@Component
public class ComputePool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ComputePool.class);
    private static final int FRAMES = 30;

    private final ComputeProperties properties;
    private final MeterRegistry meters;
    private final int threads;
    private final Turns messages;
    private final Turns documents;
    private final ScheduledThreadPoolExecutor watch;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final List<Task<?>> stuck = new ArrayList<>();
    private int workers;
    private int idle;
    private int documentsInWork;
    private long started;
    private boolean closed;

    ComputePool(ComputeProperties properties, MeterRegistry meters) {
        this.properties = properties;
        this.meters = meters;
        this.threads = properties.threadsOrDefault();
        this.messages = new Turns(properties.queue());
        this.documents = new Turns(properties.queue());
        this.watch = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("compute-watch").factory());
        Gauge.builder("hub.compute.stuck", this, ComputePool::stuck)
                .description("work on texts of others that did not end when it was told to; each takes a thread")
                .register(meters);
        Gauge.builder("hub.compute.queued", this, ComputePool::queued)
                .description("work on texts of others that waits for a thread")
                .register(meters);
    }

    /** What is computed; it waits for nothing outside the process, and leaves no harm where it is interrupted. */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /** A thread of this pool. */
    private final class Worker extends Thread {

        private Worker(long number) {
            super(null, null, "compute-" + number, 0, false);
            setDaemon(true);
            setContextClassLoader(ComputePool.class.getClassLoader());
        }

        @Override
        public void run() {
            for (Task<?> task = next(); task != null; task = next()) {
                task.run();
                Thread.interrupted(); // a deadline that came with the task's end is not the next one's
                if (!mayGoOn(task)) {
                    return;
                }
            }
        }

        private boolean isOf(ComputePool pool) {
            return ComputePool.this == pool;
        }
    }

    /**
     * Runs the work and waits for it. Called by work that runs here it is a part of that, within the deadline it has.
     *
     * @throws E what the work throws
     * @throws BusyException if it was not begun in time, or not even queued
     * @throws DeadlineException if it was begun and not done in time; it is interrupted
     * @throws RetryableException if the caller or the hub is being stopped
     */
    public <T, E extends Exception> T run(Job job, Work<T, E> work) throws E {
        if (Thread.currentThread() instanceof Worker worker && worker.isOf(this)) {
            return work.run();
        }
        Task<T> task = new Task<>(job, work::run);
        submit(task);
        try {
            return task.get(deadline(job).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw stop(task)
                    ? refused(
                            job,
                            "deadline",
                            new DeadlineException("This took longer than "
                                    + deadline(job).toMillis() + " ms to compute and was stopped."))
                    : refused(job, "late", busy());
        } catch (CancellationException gaveWay) {
            throw refused(job, "full", busy());
        } catch (InterruptedException stopped) {
            stop(task);
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping. Try again in a moment.", stopped);
        } catch (ExecutionException failed) {
            throw ComputePool.<E>thrown(failed.getCause());
        }
    }

    /** Takes no more; what waits and what runs goes on. */
    @Override
    public void close() {
        locked(() -> {
            closed = true;
            added.signalAll();
        });
        watch.shutdown();
    }

    private Duration deadline(Job job) {
        if (job.deadline() != null) {
            return job.deadline();
        }
        return job.isBacklog() ? properties.documentDeadline() : properties.deadline();
    }

    private void submit(Task<?> task) {
        Task<?> out;
        lock.lock();
        try {
            if (closed) {
                throw new RetryableException("The hub is stopping. Try again in a moment.", null);
            }
            if (isRefused(task.job())) {
                throw refused(
                        task.job(), "stuck", new BusyException("Work like this did not end before and is refused."));
            }
            out = turns(task).add(task);
            if (workers < threads && messages.size() + documents.size() > idle) {
                startWorker();
            } else {
                added.signal();
            }
        } finally {
            lock.unlock();
        }
        if (out == task) {
            throw refused(task.job(), "full", busy());
        } else if (out != null) {
            out.cancel(false);
        }
    }

    /** @return whether it had begun, and had the better part of its time */
    private boolean stop(Task<?> task) {
        boolean hadItsTime;
        lock.lock();
        try {
            if (!task.hasBegun()) {
                turns(task).remove(task);
                task.cancel(false);
                return false;
            }
            hadItsTime = task.ranFor().multipliedBy(2).compareTo(deadline(task.job())) > 0;
        } finally {
            lock.unlock();
        }
        task.cancel(true);
        if (!watch.isShutdown()) {
            watch.schedule(() -> look(task), properties.grace().toMillis(), TimeUnit.MILLISECONDS);
        }
        return hadItsTime;
    }

    /** Has another thread take the place of one that does not end. */
    private void look(Task<?> task) {
        locked(() -> {
            if (task.hasEnded()) {
                return;
            }
            task.giveUp();
            stuck.add(task);
            leave(task);
            workers--;
            startWorker();
            LOG.error(
                    "{} did not end {} ms after it was told to, and takes a processor; {} such now. It is at\n\t{}",
                    task.job().kind(),
                    properties.grace().toMillis(),
                    stuck.size(),
                    Arrays.stream(task.whereItIs())
                            .limit(FRAMES)
                            .map(StackTraceElement::toString)
                            .collect(Collectors.joining("\n\t")));
        });
    }

    private void startWorker() {
        workers++;
        new Worker(started++).start();
    }

    /** @return null when there is nothing left to do and the pool is closed */
    private Task<?> next() {
        lock.lock();
        try {
            for (Task<?> task = take(); ; task = take()) {
                if (task != null || closed) {
                    return task;
                }
                idle++;
                added.awaitUninterruptibly();
                idle--;
            }
        } finally {
            lock.unlock();
        }
    }

    private Task<?> take() {
        Task<?> task = messages.next();
        if (task == null && documentsInWork < threads - 1) {
            task = documents.next();
        }
        if (task != null) {
            task.begin(Thread.currentThread());
            documentsInWork += task.job().isBacklog() ? 1 : 0;
        }
        return task;
    }

    /** @return false for a thread whose place was taken */
    private boolean mayGoOn(Task<?> task) {
        lock.lock();
        try {
            task.end();
            if (task.isStuck()) {
                stuck.remove(task);
                return false;
            }
            leave(task);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Task<?> task) {
        documentsInWork -= task.job().isBacklog() ? 1 : 0;
    }

    /** One owner after the first that did not end, everybody after some. */
    private boolean isRefused(Job job) {
        int ofKind = 0;
        for (Task<?> task : stuck) {
            if (task.job().kind().equals(job.kind())) {
                ofKind++;
                if (job.owner() != null && job.owner().equals(task.job().owner())) {
                    return true;
                }
            }
        }
        return ofKind >= properties.maxStuck();
    }

    private Turns turns(Task<?> task) {
        return task.job().isBacklog() ? documents : messages;
    }

    private double stuck() {
        int[] count = new int[1];
        locked(() -> count[0] = stuck.size());
        return count[0];
    }

    private double queued() {
        int[] count = new int[1];
        locked(() -> count[0] = messages.size() + documents.size());
        return count[0];
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private <X extends RetryableException> X refused(Job job, String reason, X refusal) {
        meters.counter("hub.compute.refused", "kind", job.kind(), "reason", reason)
                .increment();
        return refusal;
    }

    private static BusyException busy() {
        return new BusyException("The hub has too much to compute. Try again in a moment.");
    }

    /** The work declares no other checked exception. */
    @SuppressWarnings("unchecked")
    private static <E extends Exception> E thrown(Throwable cause) {
        if (cause instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return (E) cause;
    }
}
