package org.caravanserai.tenant;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A bounded number of places, for which tenants queue by turns: a place that comes free goes to the tenant that has waited
 * longest since its last one, and within a tenant to who came first. So a tenant's wait depends on how many tenants want
 * places, and not on how much the busiest wants. The last places are for tenants that have none, so that one that asks
 * seldom finds a place at once while another takes all that it can get.
 */
final class TurnsByTenant {

    private final ReentrantLock lock = new ReentrantLock();
    /** Who waits, the tenant whose turn is next first. No tenant in here has an empty queue. */
    private final Map<UUID, Queue<CompletableFuture<Void>>> waiting = new LinkedHashMap<>();

    private final Map<UUID, Integer> held = new HashMap<>();
    private final int places;
    private final int kept;
    private final BooleanSupplier stepsBack;

    private int free;

    /** @param stepsBack whether one place is to do, for now */
    TurnsByTenant(int places, BooleanSupplier stepsBack) {
        this.places = places;
        this.free = places;
        this.kept = places < 4 ? 0 : 2;
        this.stepsBack = stepsBack;
    }

    /**
     * Takes a place, to be given back by {@link #leave}.
     *
     * @return false if the tenant's turn did not come in time
     */
    boolean enter(UUID tenantId, long timeout, TimeUnit unit) throws InterruptedException {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        lock.lock();
        try {
            if (mayTake(tenantId)) { // who waits may not, or does not wait
                take(tenantId);
                return true;
            }
            waiting.computeIfAbsent(tenantId, id -> new ArrayDeque<>()).add(turn);
        } finally {
            lock.unlock();
        }
        try {
            turn.get(timeout, unit);
            return true;
        } catch (TimeoutException late) {
            return !giveUp(tenantId, turn);
        } catch (InterruptedException stopped) {
            if (!giveUp(tenantId, turn)) {
                leave(tenantId);
            }
            throw stopped;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a turn does not fail", impossible);
        }
    }

    /** Gives a place of the tenant back: to whoever is next. */
    void leave(UUID tenantId) {
        List<CompletableFuture<Void>> next = new ArrayList<>(1);
        lock.lock();
        try {
            held.computeIfPresent(tenantId, (id, count) -> count == 1 ? null : count - 1);
            free++;
            for (CompletableFuture<Void> turn = next(); turn != null; turn = next()) {
                next.add(turn);
            }
        } finally {
            lock.unlock();
        }
        next.forEach(turn -> turn.complete(null));
    }

    /** Takes a place for who is next, if anybody may have one. Looks at no more tenants than have places, and one. */
    private CompletableFuture<Void> next() {
        for (UUID tenantId : waiting.keySet()) {
            if (mayTake(tenantId)) {
                take(tenantId);
                Queue<CompletableFuture<Void>> queue = waiting.remove(tenantId);
                CompletableFuture<Void> first = queue.remove();
                if (!queue.isEmpty()) {
                    waiting.put(tenantId, queue); // behind the others
                }
                return first;
            }
            if (free == 0) {
                return null;
            }
        }
        return null;
    }

    private boolean mayTake(UUID tenantId) {
        if (free < places && stepsBack.getAsBoolean()) {
            return false;
        }
        return free > kept || free > 0 && !held.containsKey(tenantId);
    }

    private void take(UUID tenantId) {
        free--;
        held.merge(tenantId, 1, Integer::sum);
    }

    /** @return false if the turn has come after all */
    private boolean giveUp(UUID tenantId, CompletableFuture<Void> turn) {
        lock.lock();
        try {
            Queue<CompletableFuture<Void>> queue = waiting.get(tenantId);
            boolean waited = queue != null && queue.remove(turn);
            if (waited && queue.isEmpty()) {
                waiting.remove(tenantId);
            }
            return waited;
        } finally {
            lock.unlock();
        }
    }
}
