package org.caravanserai.retrieval;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.caravanserai.failure.RetryableException;

/**
 * Runs what keeps a processor busy, on a few threads of its own. Virtual threads have one carrier a processor and give it
 * back only when they wait: on them, a few searches at once would keep everybody else's transactions open and waiting. Who
 * comes first is served first.
 */
public final class ProcessorThreads implements AutoCloseable {

    private final ExecutorService threads;

    /** @param name what the threads' names begin with */
    public ProcessorThreads(String name, int count) {
        this.threads = Executors.newFixedThreadPool(
                count, Thread.ofPlatform().daemon().name(name, 0).factory());
    }

    /** What is to be run. */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /**
     * Runs the work and waits for it; who is interrupted while he waits leaves it to itself.
     *
     * @throws E what the work throws
     * @throws RetryableException if the caller or the hub is being stopped
     */
    public <T, E extends Exception> T run(Work<T, E> work) throws E {
        try {
            return threads.submit(work::run).get();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping. Try again in a moment.", stopped);
        } catch (RejectedExecutionException closed) {
            throw new RetryableException("The hub is stopping. Try again in a moment.", closed);
        } catch (ExecutionException failed) {
            throw ProcessorThreads.<E>thrown(failed.getCause());
        }
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

    /** Takes no more; what runs goes on. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
