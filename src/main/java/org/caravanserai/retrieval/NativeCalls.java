package org.caravanserai.retrieval;

import ai.onnxruntime.OrtEnvironment;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.caravanserai.failure.RetryableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls of the ONNX runtime, which crashes the whole hub if it is closed, or the process ends, under a running call.
 * While the hub stops they go on as before; {@link #close} lets no new ones in and waits for those that run.
 */
public final class NativeCalls {

    private static final Logger LOG = LoggerFactory.getLogger(NativeCalls.class);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);
    private static final int WARNINGS = 2; // OrtLoggingLevel of the environment that all share

    /** Each call holds the read lock; the write lock, once taken, is kept. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    private volatile boolean closing;

    /** @throws RetryableException once it is closed */
    public <T> T run(Supplier<T> call) {
        if (closing || !lock.readLock().tryLock()) {
            throw new RetryableException("The hub is stopping. Try again in a moment.", null);
        }
        try {
            return call.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Waits up to 15 s for the calls that run.
     *
     * @return whether none runs any more, and so what they used may be released
     */
    public boolean close() {
        closing = true;
        try {
            if (lock.writeLock().tryLock(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS)) {
                return true;
            }
            LOG.warn("A model still computes after {} s; the hub stops without it", LONGEST_WAIT.toSeconds());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /**
     * The runtime registers a shutdown hook that releases its environment, which runs beside the hub's own and so under
     * calls of the work that is still in flight. It counts its users: as one more of them, which never leaves, we keep the
     * environment for as long as the process lives. The Java API has no way to say so. To be called before a model is
     * loaded; loads the runtime itself.
     */
    public static void keepRuntime() {
        try {
            OrtEnvironment.getEnvironment(); // the first user
            Field api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
            Method use = OrtEnvironment.class.getDeclaredMethod("createHandle", long.class, int.class, String.class);
            api.setAccessible(true);
            use.setAccessible(true);
            use.invoke(null, api.getLong(null), WARNINGS, OrtEnvironment.DEFAULT_NAME);
        } catch (ReflectiveOperationException | RuntimeException changed) {
            LOG.warn("The ONNX runtime may be closed before the work in flight is done when the hub stops", changed);
        }
    }
}
