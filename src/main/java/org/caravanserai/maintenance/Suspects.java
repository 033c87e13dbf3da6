package org.caravanserai.maintenance;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.caravanserai.work.WorkProperties;
import org.springframework.stereotype.Component;

/**
 * Finds out which of those that were in flight when hubs died is guilty, before any of them is given up. When a hub dies, all
 * that it worked on has a claim without an end. The more such claims a row has, the fewer others of its sort are worked on
 * beside it: 32 with three more to go, 4 with two, and with one more to go it is alone. So whoever stood beside ends well, and the
 * last claim tells.
 *
 * <p>A bound of this hub alone: what another hub works on does not die with this one.
 */
@Component
public class Suspects {

    private static final int WHOLE = 64;
    private static final long KEPT_NANOS = Duration.ofSeconds(30).toNanos();

    private final int maxAttempts;
    private int taken;

    /** Who waits for more than is free. Others wait behind it, or it would wait for ever. */
    private UUID first;

    private long firstSince;

    Suspects(WorkProperties work) {
        this.maxAttempts = work.maxAttempts();
    }

    /**
     * Begins with a row that may have killed its hub.
     *
     * @param deaths its claims without an end
     * @return false if it has to wait
     */
    public boolean enter(InFlight.Held held, int deaths) {
        int weight = weight(deaths);
        if (weight == 0) {
            return true;
        }
        if (!take(held.row(), weight)) {
            return false;
        }
        AtomicBoolean isLeft = new AtomicBoolean();
        held.whenOver(() -> {
            if (isLeft.compareAndSet(false, true)) {
                giveBack(weight);
            }
        });
        return true;
    }

    private int weight(int deaths) {
        if (deaths == 0) {
            return 0;
        }
        return switch (maxAttempts - deaths) {
            case 3 -> WHOLE / 32;
            case 2 -> WHOLE / 4;
            default -> deaths < maxAttempts - 3 ? 0 : WHOLE;
        };
    }

    private synchronized boolean take(UUID row, int weight) {
        long now = System.nanoTime();
        boolean isBehind = first != null && !first.equals(row) && now - firstSince < KEPT_NANOS;
        if (isBehind || taken + weight > WHOLE) {
            if (!isBehind && !row.equals(first)) {
                first = row;
                firstSince = now;
            }
            return false;
        }
        first = null;
        taken += weight;
        return true;
    }

    private synchronized void giveBack(int weight) {
        taken -= weight;
    }
}
