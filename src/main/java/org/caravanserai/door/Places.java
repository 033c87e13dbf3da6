package org.caravanserai.door;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A number of places, of which nobody may have more than a share. */
public final class Places {

    private final Semaphore all;
    private final int share;
    private final Map<String, Shared> byOwner = new ConcurrentHashMap<>();

    /** @param users who hold or wait for one of its places */
    private record Shared(Semaphore places, int users) {

        private Shared withUsers(int users) {
            return new Shared(places, users);
        }
    }

    /** @param share of each owner */
    public Places(int number, int share) {
        this.all = new Semaphore(number, true);
        this.share = share;
    }

    /** Takes a place, to be followed by one {@link #leave}; false if there was none for so long. */
    public boolean enter(String owner, Duration wait) {
        Shared mine = byOwner.compute(
                owner,
                (name, shared) -> shared == null
                        ? new Shared(new Semaphore(share, true), 1)
                        : shared.withUsers(shared.users + 1));
        boolean isIn = false;
        try {
            long until = System.nanoTime() + wait.toNanos();
            if (mine.places.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                isIn = all.tryAcquire(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (!isIn) {
                    mine.places.release();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        if (!isIn) {
            forget(owner);
        }
        return isIn;
    }

    /** Gives a place back. */
    public void leave(String owner) {
        all.release();
        byOwner.get(owner).places.release();
        forget(owner);
    }

    private void forget(String owner) {
        byOwner.computeIfPresent(
                owner, (name, shared) -> shared.users == 1 ? null : shared.withUsers(shared.users - 1));
    }
}
