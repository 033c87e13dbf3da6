package org.caravanserai.door;

import java.util.concurrent.TimeUnit;

/**
 * How long the hub still waits for the other side. Only time spent waiting for it counts, not the hub's own; each byte that
 * moves earns some back, up to what there was at first, so that nobody saves up for a long silence. Used by the thread that waits;
 * others may look.
 */
final class Patience {

    private static final int WAITS_NOT = -1;

    private final long full;
    private final long earnedByByte;
    private volatile long left;
    private volatile long since = WAITS_NOT;

    /** @param bytesPerSecond what earns a second back */
    Patience(long fullNanos, long bytesPerSecond) {
        this.full = fullNanos;
        this.earnedByByte = Math.max(1, TimeUnit.SECONDS.toNanos(1) / bytesPerSecond);
        this.left = fullNanos;
    }

    /** A new request begins. */
    void renew() {
        left = full;
        since = WAITS_NOT;
    }

    void begin(long now) {
        since = Math.max(0, now);
    }

    void end(long now, int bytes) {
        left = Math.min(full, left - (now - since) + bytes * earnedByByte);
        since = WAITS_NOT;
    }

    /** Whether the hub waits, and for too long. */
    boolean isOver(long now) {
        return used(now) >= full;
    }

    /** How much of it is used up, in nanoseconds; 0 while the hub does not wait. */
    long used(long now) {
        long began = since;
        return began == WAITS_NOT ? 0 : full - left + now - began;
    }
}
