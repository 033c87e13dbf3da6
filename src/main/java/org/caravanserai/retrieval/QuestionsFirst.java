package org.caravanserai.retrieval;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Shares the processors out between questions, which somebody waits for, and a backlog of documents. The backlog has all of
 * them while nobody asks; while somebody does, and for a moment after, it leaves one. A piece of the backlog that runs is
 * not stopped, so pieces are to be short.
 */
@Component
public final class QuestionsFirst {

    private static final Logger LOG = LoggerFactory.getLogger(QuestionsFirst.class);
    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final int processors;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int asking;
    private long lastAsked = System.nanoTime() - MOMENT_NANOS;
    private int backlog;

    public QuestionsFirst() {
        this(Runtime.getRuntime().availableProcessors());
    }

    QuestionsFirst(int processors) {
        this.processors = processors;
    }

    /** Does what a question needs, on the caller's thread, while the backlog steps back. */
    public <T, E extends Exception> T ask(ProcessorThreads.Work<T, E> work) throws E {
        count(1);
        try {
            return work.run();
        } finally {
            count(-1);
        }
    }

    private void count(int more) {
        lock.lock();
        try {
            asking += more;
            lastAsked = System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    /** As many threads as there are processors, each of which works when it is the backlog's turn. To be closed. */
    public Backlog backlog(String name) {
        return new Backlog(Executors.newFixedThreadPool(
                processors, Thread.ofPlatform().daemon().name(name, 0).factory()));
    }

    /** Runs short pieces of work in the order they come. */
    public final class Backlog implements Executor, AutoCloseable {

        private final ExecutorService threads;

        private Backlog(ExecutorService threads) {
            this.threads = threads;
        }

        @Override
        public void execute(Runnable piece) {
            threads.execute(() -> {
                enter();
                try {
                    piece.run();
                } finally {
                    leave();
                }
            });
        }

        /** Takes no more; what waits and what runs goes on. */
        @Override
        public void close() {
            threads.shutdown();
        }
    }

    private void enter() {
        lock.lock();
        try {
            while (backlog >= places()) {
                changed.awaitNanos(MOMENT_NANOS / 10);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            LOG.debug("The hub stops; what is left of the backlog does not wait", stopping);
        } finally {
            backlog++;
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            backlog--;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private int places() {
        boolean isQuiet = asking == 0 && System.nanoTime() - lastAsked >= MOMENT_NANOS;
        return isQuiet ? processors : Math.max(1, processors - 1);
    }
}
