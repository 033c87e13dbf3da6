package org.caravanserai.evaluation;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/** How long things took. */
final class Latencies {

    private final ReentrantLock lock = new ReentrantLock();
    private long[] nanos = new long[256];
    private int count;

    void add(long took) {
        lock.lock();
        try {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = took;
        } finally {
            lock.unlock();
        }
    }

    int count() {
        return count;
    }

    /** @return in milliseconds, the value that the given share of all does not exceed */
    double percentile(double share) {
        lock.lock();
        try {
            if (count == 0) {
                return 0;
            }
            long[] sorted = Arrays.copyOf(nanos, count);
            Arrays.sort(sorted);
            return sorted[Math.clamp((int) Math.ceil(share * count) - 1, 0, count - 1)] / 1e6;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "p50 %.1f ms, p99 %.1f ms", percentile(0.5), percentile(0.99));
    }
}
