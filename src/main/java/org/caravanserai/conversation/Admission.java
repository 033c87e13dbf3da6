package org.caravanserai.conversation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.caravanserai.work.WorkProperties;
import org.springframework.stereotype.Component;

/**
 * Bounds the work in flight, and shares it. A tenant may use all of it while nobody else has any; once another has come in
 * the last minute, whoever is above its fair share is refused as soon as nine tenths are taken, so that the others find
 * room at once. Refused work waits in its row, so that the backlog is in the database and not in the heap.
 */
@Component
public class Admission {

    /** The exchange property of the {@link Place} that the exchange has or came with. */
    static final String PLACE = "HubPlace";

    private static final long OTHERS_COUNT_FOR_NANOS = Duration.ofMinutes(1).toNanos();

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private final Map<UUID, Integer> byTenant = new HashMap<>();
    private int inFlight;
    private boolean someoneWaits;
    private boolean isTold;
    private long refusals;

    // The two tenants that came last, and when the earlier of them did: enough to know whether anybody has another
    // beside it.
    private UUID newest;
    private long newestAt;
    private long anotherAt;

    /**
     * What may be given to those who wait.
     *
     * @param places how many in all
     * @param spare how many of them to tenants that have their share
     * @param crowded those tenants
     * @param refusals how often work had been left waiting by then
     */
    record Room(int places, int spare, List<UUID> crowded, long refusals) {

        /** Whether all who wait could have a place, so that nobody waits if nobody comes. */
        boolean isOpenToAll() {
            return places > 0 && (spare > 0 || crowded.isEmpty());
        }
    }

    Admission(WorkProperties work) {
        this.limit = work.maxInFlight();
        this.anotherAt = System.nanoTime() - OTHERS_COUNT_FOR_NANOS;
    }

    /**
     * Takes a place until the exchange is done.
     *
     * @return false if there is none for this tenant now; the caller then leaves its row {@link #waits() waiting}
     */
    boolean enter(Exchange exchange, UUID tenantId) {
        if (exchange.getProperty(PLACE) != null) {
            return true;
        }
        if (!take(tenantId)) {
            return false;
        }
        Place place = place(tenantId);
        exchange.setProperty(PLACE, place);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                place.leave();
            }
        });
        return true;
    }

    /** A place that was taken, which is given back once, by whoever does so first. */
    Place place(UUID tenantId) {
        return new Place(this, tenantId, new AtomicBoolean());
    }

    /** @param isLeft whether it was given back */
    record Place(Admission admission, UUID tenantId, AtomicBoolean isLeft) {

        void leave() {
            if (isLeft.compareAndSet(false, true)) {
                admission.leave(tenantId);
            }
        }
    }

    /** Takes a place, to be given back by {@link #leave}. */
    boolean take(UUID tenantId) {
        lock.lock();
        try {
            remember(tenantId);
            boolean isCrowded = of(tenantId) >= share(tenantId);
            if (inFlight >= limit || isCrowded && inFlight >= limit - keptForOthers()) {
                return false;
            }
            inFlight++;
            byTenant.merge(tenantId, 1, Integer::sum);
            return true;
        } finally {
            lock.unlock();
        }
    }

    void leave(UUID tenantId) {
        lock.lock();
        try {
            inFlight--;
            byTenant.computeIfPresent(tenantId, (id, count) -> count == 1 ? null : count - 1);
            if (someoneWaits) {
                tell();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A row was refused and is committed as waiting. */
    void waits() {
        lock.lock();
        try {
            someoneWaits = true;
            refusals++;
            tell();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody waited when there was this room: places that come free need not be told until somebody does. */
    void nobodyWaited(Room room) {
        lock.lock();
        try {
            someoneWaits = refusals != room.refusals;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when a place came free or someone began to wait, or after a while: another hub may have left rows waiting. */
    void awaitChange(Duration longest) throws InterruptedException {
        lock.lock();
        try {
            long left = longest.toNanos();
            while (left > 0 && !isTold) {
                left = wanted.awaitNanos(left);
            }
            isTold = false;
        } finally {
            lock.unlock();
        }
    }

    private void tell() {
        isTold = true;
        wanted.signal();
    }

    /** What is free now. */
    Room room() {
        lock.lock();
        try {
            List<UUID> crowded = new ArrayList<>();
            byTenant.forEach((tenant, count) -> {
                if (count >= share(tenant)) {
                    crowded.add(tenant);
                }
            });
            int places = limit - inFlight;
            return new Room(places, Math.max(0, places - keptForOthers()), crowded, refusals);
        } finally {
            lock.unlock();
        }
    }

    /** How much is in flight now. */
    public int inFlight() {
        lock.lock();
        try {
            return inFlight;
        } finally {
            lock.unlock();
        }
    }

    private int of(UUID tenantId) {
        return byTenant.getOrDefault(tenantId, 0);
    }

    private int share(UUID tenantId) {
        int atWork = byTenant.size() + (byTenant.containsKey(tenantId) ? 0 : 1);
        return Math.max(1, limit / Math.max(atWork, othersCame() ? 2 : 1));
    }

    private int keptForOthers() {
        return othersCame() ? limit / 10 : 0;
    }

    private boolean othersCame() {
        return System.nanoTime() - anotherAt < OTHERS_COUNT_FOR_NANOS;
    }

    private void remember(UUID tenantId) {
        if (newest != null && !newest.equals(tenantId)) {
            anotherAt = newestAt;
        }
        newest = tenantId;
        newestAt = System.nanoTime();
    }
}
