package org.caravanserai.door;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The memory of bodies that are being received or answered. Bytes are counted as they come, by address and in all: who announces
 * much and sends little holds little. Where there is not enough, the slowest of those that are still coming ends.
 */
public final class BodyMemory {

    /** Younger ones, and those that come faster, are not slow. */
    private static final long YOUNG_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final double FAST_BYTES_A_SECOND = 256 * 1024;

    private final long max;
    private final long maxPerAddress;
    private final long waitNanos;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final Set<Body> open = new LinkedHashSet<>();
    private final Map<String, Long> byAddress = new HashMap<>();
    private long used;

    /**
     * @param max bytes in all
     * @param maxPerAddress bytes of one address
     * @param wait how long a body that finds no room waits for some
     */
    public BodyMemory(long max, long maxPerAddress, Duration wait) {
        this(max, maxPerAddress, wait, System::nanoTime);
    }

    BodyMemory(long max, long maxPerAddress, Duration wait, LongSupplier nanoTime) {
        this.max = max;
        this.maxPerAddress = maxPerAddress;
        this.waitNanos = wait.toNanos();
        this.nanoTime = nanoTime;
    }

    /** A body that begins to come. @param end has it end where it is, without waiting for anything */
    public Body open(String address, Runnable end) {
        Body body = new Body(address, end, nanoTime.getAsLong());
        lock.lock();
        try {
            open.add(body);
        } finally {
            lock.unlock();
        }
        return body;
    }

    /** Bytes that are held now. */
    public long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    private long used(String address) {
        return byAddress.getOrDefault(address, 0L);
    }

    /** Has the slowest end, unless what others that were told to end still hold is enough. */
    private void makeRoom(Body forBody, long bytes) {
        boolean isAddressFull = used(forBody.address) + bytes > maxPerAddress;
        long promised = open.stream()
                .filter(body -> body.isDropped && (!isAddressFull || body.address.equals(forBody.address)))
                .mapToLong(body -> body.held)
                .sum();
        long over = isAddressFull ? used(forBody.address) + bytes - maxPerAddress : used + bytes - max;
        if (promised < over) {
            slowest(forBody, isAddressFull).ifPresent(Body::drop);
        }
    }

    private Optional<Body> slowest(Body forBody, boolean isOfSameAddress) {
        long now = nanoTime.getAsLong();
        return open.stream()
                .filter(body -> body != forBody && body.held > 0 && body.isComing && !body.isDropped)
                .filter(body -> !isOfSameAddress || body.address.equals(forBody.address))
                .filter(body -> now - body.began > YOUNG_NANOS && body.rate(now) < FAST_BYTES_A_SECOND)
                .min(Comparator.comparingDouble(body -> body.rate(now)));
    }

    /** What one request's body holds until it is closed. */
    public final class Body implements AutoCloseable {

        private final String address;
        private final Runnable end;
        private final long began;
        private long held;
        private boolean isComing = true;
        private volatile boolean isDropped;

        private Body(String address, Runnable end, long began) {
            this.address = address;
            this.end = end;
            this.began = began;
        }

        /**
         * Takes room for further bytes, after a wait if need be.
         *
         * @return false if there is none, or if this body was ended for others
         */
        public boolean reserve(long bytes) {
            long left = waitNanos;
            lock.lock();
            try {
                while (!isDropped) {
                    if (used + bytes <= max && used(address) + bytes <= maxPerAddress) {
                        take(bytes);
                        return true;
                    }
                    makeRoom(this, bytes);
                    if (left <= 0) {
                        return false;
                    }
                    left = freed.awaitNanos(left);
                }
                return false;
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                lock.unlock();
            }
        }

        private void take(long bytes) {
            used += bytes;
            held += bytes;
            byAddress.merge(address, bytes, Long::sum);
        }

        /** It has come whole: it is no longer ended for others. */
        public void complete() {
            lock.lock();
            try {
                isComing = false;
            } finally {
                lock.unlock();
            }
        }

        /** Whether it was ended so that others have room. */
        public boolean isDropped() {
            return isDropped;
        }

        private void drop() {
            isDropped = true;
            end.run();
        }

        private double rate(long now) {
            return held * 1e9 / Math.max(1, now - began);
        }

        /** Gives back what it holds so far; more can be taken. */
        public void giveBack() {
            lock.lock();
            try {
                used -= held;
                long heldBefore = held;
                held = 0;
                byAddress.computeIfPresent(
                        address, (name, bytes) -> bytes == heldBefore ? null : Long.valueOf(bytes - heldBefore));
                freed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                giveBack();
                open.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }
}
