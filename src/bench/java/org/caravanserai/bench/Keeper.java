package org.caravanserai.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A service manager: starts again what has ended. */
final class Keeper implements AutoCloseable {

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private interface Start {
        void run() throws IOException;
    }

    private final Scene scene;
    private final Consumer<String> say;
    private final AtomicInteger hubStarts = new AtomicInteger();
    private final AtomicInteger databaseStarts = new AtomicInteger();
    private final AtomicInteger brokerStarts = new AtomicInteger();
    private final boolean ownDatabase;
    private final boolean ownBroker;
    private volatile boolean closed;

    Keeper(Scene scene, Consumer<String> say) {
        this.scene = scene;
        this.say = say;
        this.ownBroker = !scene.parts.broker().isEmpty();
        this.ownDatabase = scene.parts instanceof OwnParts;
        Thread.startVirtualThread(() -> keep(hubStarts, () -> !scene.hub.alive(), scene.hub::launch));
        if (ownDatabase) {
            Thread.startVirtualThread(
                    () -> keep(databaseStarts, () -> scene.parts.database().isEmpty(), scene.parts::restartDatabase));
        }
        if (ownBroker) {
            Thread.startVirtualThread(
                    () -> keep(brokerStarts, () -> scene.parts.broker().isEmpty(), scene.parts::restartBroker));
        }
    }

    private void keep(AtomicInteger starts, java.util.function.BooleanSupplier ended, Start start) {
        while (!closed) {
            LockSupport.parkNanos(LOOK_NANOS);
            if (!closed && ended.getAsBoolean()) {
                try {
                    starts.incrementAndGet();
                    start.run();
                } catch (IOException failed) {
                    say.accept("not started: " + failed.getMessage());
                }
            }
        }
    }

    /** Waits until hub, database and broker answer. */
    void awaitAllUp() throws IOException {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (!scene.hub.ready()
                || ownDatabase && scene.parts.database().isEmpty()
                || ownBroker && scene.parts.broker().isEmpty()) {
            if (System.nanoTime() > until) {
                throw new IOException("the hub did not become ready again; see " + scene.hub.log());
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** What was started again, and how often. */
    String starts() {
        return "started again: hub %s, database %s, broker %s".formatted(hubStarts, databaseStarts, brokerStarts);
    }

    @Override
    public void close() {
        closed = true;
    }
}
