package org.caravanserai.tenant;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded number of places, for which tenants queue by turns: a place that comes free goes to the tenant that has waited
 * longest since its last one, and within a tenant to who came first. So a tenant's wait depends on how many tenants want
 * places, and not on how much the busiest wants.
 */
final class TurnsByTenant {

    private final ReentrantLock lock = new ReentrantLock();
    /** Who waits, the tenant whose turn is next first. No tenant in here has an empty queue. */
    private final Map<UUID, Queue<CompletableFuture<Void>>> waiting = new LinkedHashMap<>();

    private int free;

    TurnsByTenant(int places) {
        this.free = places;
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
            if (free > 0) {
                free--; // nobody waits while there is one
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
                leave();
            }
            throw stopped;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a turn does not fail", impossible);
        }
    }

    /** Gives a place back: to whoever is next. */
    void leave() {
        CompletableFuture<Void> next;
        lock.lock();
        try {
            Map.Entry<UUID, Queue<CompletableFuture<Void>>> first =
                    waiting.isEmpty() ? null : waiting.entrySet().iterator().next();
            if (first == null) {
                free++;
                return;
            }
            UUID tenantId = first.getKey();
            Queue<CompletableFuture<Void>> queue = waiting.remove(tenantId);
            next = queue.remove();
            if (!queue.isEmpty()) {
                waiting.put(tenantId, queue); // behind the others
            }
        } finally {
            lock.unlock();
        }
        next.complete(null);
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
