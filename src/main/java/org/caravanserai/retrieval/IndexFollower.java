package org.caravanserai.retrieval;

import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.lucene.store.AlreadyClosedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.TenantIndexes.Fit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.stereotype.Component;

/**
 * Brings the indexes on this hub's disk up to their rows, beside the searches: a step of bounded time for a tenant, then one
 * for the next that waits, so that a large backlog delays nobody else's few changes. What searches find moves from one
 * moment of the rows to a later one, never to the middle of a change; only an index that is made from nothing grows.
 */
@Component
public class IndexFollower {

    private static final Logger LOG = LoggerFactory.getLogger(IndexFollower.class);
    private static final int PAGE = 200;
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long COMMIT_AFTER = 5_000; // changes
    private static final long COMMIT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    private final TenantIndexes indexes;
    private final ChunkFeed feed;
    private final Terms terms;
    private final int atOnce;
    private final ExecutorService threads;

    private final ReentrantLock lock = new ReentrantLock();
    /** Whose turn is next stands first. */
    private final LinkedHashSet<UUID> waiting = new LinkedHashSet<>();

    private final Set<UUID> busy = new HashSet<>();
    private final Map<UUID, Behind> behind = new HashMap<>();
    private final Map<UUID, List<Waiter>> waiters = new HashMap<>();
    private int working;
    private volatile boolean closed;

    /** @param changeNo what the tenant's rows are known to have reached @param sinceNanos when it was seen to be behind */
    private record Behind(long changeNo, long sinceNanos) {}

    private record Waiter(long changeNo, CompletableFuture<Void> reached) {}

    /**
     * How far this hub's indexes are behind the rows.
     *
     * @param changes of all tenants
     * @param age of the oldest that is not found yet
     */
    public record Lag(long changes, Duration age) {}

    IndexFollower(TenantIndexes indexes, ChunkFeed feed, Terms terms) {
        this.indexes = indexes;
        this.feed = feed;
        this.terms = terms;
        this.atOnce = Math.max(1, Runtime.getRuntime().availableProcessors() - 1); // one is left to searches
        this.threads = Executors.newFixedThreadPool(
                atOnce, Thread.ofPlatform().daemon().name("index-", 0).factory());
    }

    /** Has the tenant's index follow as soon as its turn comes. @param changeNo what its rows have reached */
    public void follow(UUID tenantId, long changeNo) {
        lock.lock();
        try {
            if (!closed) {
                Behind known = behind.get(tenantId);
                behind.put(
                        tenantId,
                        known == null
                                ? new Behind(changeNo, System.nanoTime())
                                : new Behind(Math.max(changeNo, known.changeNo), known.sinceNanos));
                waiting.add(tenantId);
                if (working < atOnce) {
                    working++;
                    threads.execute(this::work);
                }
            }
        } catch (RejectedExecutionException closing) {
            LOG.debug("The hub stops; indexes follow when it is started again", closing);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a search on this hub finds what the change brought: in the index, or in the rows where these are searched
     * instead.
     *
     * @return false if that took longer
     */
    public boolean awaitFound(UUID tenantId, long changeNo, Duration longest) {
        return await(tenantId, changeNo, longest) || isSearchedByRows(tenantId);
    }

    /** Waits until the tenant's index holds all that its rows have now. @return false if that took longer */
    public boolean awaitFollowed(UUID tenantId, Duration longest) {
        return await(tenantId, feed.clock(tenantId).changeNo(), longest);
    }

    private boolean await(UUID tenantId, long changeNo, Duration longest) {
        Waiter waiter = new Waiter(changeNo, new CompletableFuture<>());
        lock.lock();
        try {
            waiters.computeIfAbsent(tenantId, id -> new ArrayList<>()).add(waiter);
        } finally {
            lock.unlock();
        }
        follow(tenantId, changeNo);
        try {
            waiter.reached.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a waiter is told nothing else", impossible);
        } finally {
            lock.lock();
            try {
                waiters.computeIfPresent(tenantId, (id, all) -> {
                    all.remove(waiter);
                    return all.isEmpty() ? null : all;
                });
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isSearchedByRows(UUID tenantId) {
        try (TenantIndexes.View view = indexes.view(tenantId, feed.clock(tenantId))) {
            return view.fit() == Fit.FAR || view.fit() == Fit.NONE;
        }
    }

    /** Tries again with those that are behind still, since what kept them from following may be over. */
    void followAllBehind() {
        lock.lock();
        try {
            List.copyOf(behind.keySet()).forEach(tenantId -> follow(tenantId, 0));
        } finally {
            lock.unlock();
        }
    }

    /** How far this hub's indexes are behind what is known of the rows. */
    public Lag lag() {
        lock.lock();
        try {
            long now = System.nanoTime();
            long changes = 0;
            long oldest = 0;
            for (Map.Entry<UUID, Behind> one : behind.entrySet()) {
                long missing = one.getValue().changeNo - indexes.changeNo(one.getKey());
                if (missing > 0) {
                    changes += missing;
                    oldest = Math.max(oldest, now - one.getValue().sinceNanos);
                }
            }
            return new Lag(changes, Duration.ofNanos(oldest));
        } finally {
            lock.unlock();
        }
    }

    /** Ends after the steps that run. */
    @PreDestroy
    void close() {
        closed = true;
        threads.shutdown();
        try {
            if (!threads.awaitTermination(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("An index is still being written after {}; it goes on where it was committed", LONGEST_STOP);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        UUID tenantId = next();
        while (tenantId != null) {
            boolean hasMore = false;
            try {
                hasMore = step(tenantId);
                indexes.closeIdle();
            } catch (IOException | RuntimeException failed) {
                LOG.atLevel(closed || failed instanceof AlreadyClosedException ? Level.DEBUG : Level.WARN)
                        .setCause(failed)
                        .log("The search index of tenant {} does not follow its rows", tenantId);
            } finally {
                done(tenantId, hasMore);
            }
            tenantId = next();
        }
    }

    /** Whose turn it is; null, and the thread ends, if it is nobody's. */
    private UUID next() {
        lock.lock();
        try {
            Iterator<UUID> inTurn = waiting.iterator();
            while (!closed && inTurn.hasNext()) {
                UUID tenantId = inTurn.next();
                if (busy.add(tenantId)) {
                    inTurn.remove();
                    return tenantId;
                }
            }
            working--;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void done(UUID tenantId, boolean hasMore) {
        lock.lock();
        try {
            busy.remove(tenantId);
            if (hasMore) {
                waiting.add(tenantId);
            }
        } finally {
            lock.unlock();
        }
    }

    /** @return whether there is more to do at once */
    private boolean step(UUID tenantId) throws IOException {
        ChunkFeed.Clock clock = feed.clock(tenantId);
        if (clock.isUnused()) {
            indexes.drop(tenantId);
            reached(tenantId, Long.MAX_VALUE);
            return false;
        }
        IndexSlot slot = indexes.take(tenantId);
        TenantIndex index = null;
        try {
            index = slot.toFollow(indexes.made(clock), clock.changeNo());
            boolean isWhole = put(tenantId, index, clock);
            if (isWhole) {
                index.show(clock.changeNo());
                slot.replaceOld();
                reached(tenantId, clock.changeNo());
            }
            commitIfDue(index, isWhole);
            return !isWhole;
        } catch (IOException | AlreadyClosedException damaged) {
            slot.discardIf(index);
            throw damaged;
        } finally {
            indexes.giveBack(slot);
        }
    }

    /** Puts changes in for as long as a step may take. @return whether those up to the clock are in */
    private boolean put(UUID tenantId, TenantIndex index, ChunkFeed.Clock clock) throws IOException {
        long start = System.nanoTime();
        String language = terms.language(clock.language());
        List<ChunkRow> page;
        do {
            page = feed.after(tenantId, index.position(), clock.changeNo(), PAGE);
            index.apply(page, language);
        } while (page.size() == PAGE && !closed && System.nanoTime() - start < STEP_NANOS);
        return page.size() < PAGE;
    }

    /** By number and by time; before another tenant's turn too, so that one tenant a thread waits in memory. */
    private void commitIfDue(TenantIndex index, boolean isWhole) throws IOException {
        boolean isLong = System.nanoTime() - index.committedNanos() > COMMIT_NANOS;
        if (index.uncommitted() > COMMIT_AFTER
                || index.uncommitted() > 0 && isLong
                || !isWhole && index.uncommitted() > 0 && isOthersTurn()) {
            index.commit();
            if (!isWhole && !index.wasWhole()) {
                index.showPart();
            }
        }
    }

    private boolean isOthersTurn() {
        lock.lock();
        try {
            return !waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void reached(UUID tenantId, long changeNo) {
        lock.lock();
        try {
            Behind known = behind.get(tenantId);
            if (known != null && known.changeNo <= changeNo) {
                behind.remove(tenantId);
            } else if (known != null) {
                behind.put(tenantId, new Behind(known.changeNo, System.nanoTime()));
            }
            waiters.getOrDefault(tenantId, List.of()).stream()
                    .filter(waiter -> waiter.changeNo <= changeNo)
                    .forEach(waiter -> waiter.reached.complete(null));
        } finally {
            lock.unlock();
        }
    }
}
