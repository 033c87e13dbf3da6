package org.caravanserai.retrieval.store;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.caravanserai.failure.HubException;
import org.caravanserai.failure.RetryableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a store outside a copy of the rows. The store itself holds, beside each tenant's vectors, the number of the last
 * change that it has seen; what came after is brought over in the background. So a store that is lost, or older than the rows,
 * is filled again, and one that is newer (the database was restored, the tenant made anew) is emptied first. Hubs that do so
 * at the same time do no harm: what they write is the same, and the one that is behind sets the mark back, not forward.
 */
final class FollowingStore implements VectorStore, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FollowingStore.class);
    private static final int PAGE = 256;
    private static final int AT_ONCE = 4;

    private final VectorTable table;
    private final VectorFeed feed;
    private final EmbeddingModel embeddings;
    private final Duration maxWait;
    private final Map<UUID, CompletableFuture<Void>> running = new ConcurrentHashMap<>();
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

    /** @param maxWait how long {@link #follow} waits for changes to be brought over; a search takes what is there */
    FollowingStore(VectorTable table, VectorFeed feed, EmbeddingModel embeddings, Duration maxWait) {
        this.table = table;
        this.feed = feed;
        this.embeddings = embeddings;
        this.maxWait = maxWait;
    }

    @Override
    public String name() {
        return table.name();
    }

    @Override
    public List<Near> nearest(UUID tenantId, float[] question, int limit) {
        Optional<Mark> clock = feed.clock(tenantId);
        if (clock.isEmpty()) {
            return List.of();
        }
        Space space = new Space(embeddings.modelName(), question.length);
        if (!follows(table.mark(tenantId, space), clock.get())) {
            catchingUp(tenantId, space);
        }
        return table.nearest(tenantId, space, question, limit);
    }

    @Override
    public void follow(UUID tenantId) {
        Optional<Mark> clock = feed.clock(tenantId);
        Optional<Integer> dimension = feed.dimension(tenantId, embeddings.modelName());
        if (clock.isEmpty() || dimension.isEmpty()) {
            table.forget(tenantId, null);
            clock.ifPresent(mark -> feed.note(tenantId, name(), mark));
            return;
        }
        Space space = new Space(embeddings.modelName(), dimension.get());
        long until = System.nanoTime() + maxWait.toNanos();
        boolean isInTime = true;
        while (isInTime && !follows(table.mark(tenantId, space), clock.get())) {
            isInTime = awaitCatchUp(tenantId, space, until);
        }
        if (isInTime) {
            feed.note(tenantId, name(), clock.get());
        }
    }

    @Override
    public void forgetTenant(UUID tenantId) {
        table.forget(tenantId, null);
    }

    @Override
    public void check() {
        table.check();
    }

    @Override
    public void close() {
        workers.shutdownNow();
        table.close();
    }

    private static boolean follows(Optional<Mark> mark, Mark clock) {
        return mark.isPresent()
                && mark.get().life().equals(clock.life())
                && mark.get().changeNo() == clock.changeNo();
    }

    /** @return false if it takes longer, and goes on without us */
    private boolean awaitCatchUp(UUID tenantId, Space space, long untilNanos) {
        CompletableFuture<Void> catchingUp = catchingUp(tenantId, space);
        try {
            catchingUp.get(Math.max(1, untilNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
            return System.nanoTime() < untilNanos;
        } catch (TimeoutException busy) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof HubException typed) {
                throw typed;
            }
            throw new RetryableException("The vector store " + name() + " could not be brought up to date.", failed);
        }
    }

    /** The one that runs, or a new one. */
    private CompletableFuture<Void> catchingUp(UUID tenantId, Space space) {
        CompletableFuture<Void> catchingUp =
                running.computeIfAbsent(tenantId, id -> CompletableFuture.runAsync(() -> catchUp(id, space), workers));
        // after it is in the map, so that it cannot be taken out before it was put in
        catchingUp.whenComplete((done, failed) -> running.remove(tenantId, catchingUp));
        return catchingUp;
    }

    private void catchUp(UUID tenantId, Space space) {
        try {
            places.acquire();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        }
        try {
            bringOver(tenantId, space);
        } finally {
            places.release();
        }
    }

    private void bringOver(UUID tenantId, Space space) {
        Mark clock = feed.clock(tenantId).orElse(null);
        if (clock == null) {
            table.forget(tenantId, null);
            return;
        }
        Mark mark = table.mark(tenantId, space).orElse(null);
        if (mark == null || !mark.life().equals(clock.life()) || mark.changeNo() > clock.changeNo()) {
            // whatever lies there is of another life, of a later time, or half a copy
            table.forget(tenantId, null);
            mark = new Mark(0, clock.life());
        }
        long start = System.nanoTime();
        long from = mark.changeNo();
        long last = from;
        List<VectorFeed.Change> page;
        do {
            page = feed.after(tenantId, space, last, PAGE);
            apply(tenantId, space, page);
            last = page.isEmpty() ? last : page.getLast().changeNo();
            if (page.size() == PAGE) {
                table.mark(tenantId, space, new Mark(last, clock.life()));
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new RetryableException("The hub is stopping.", null);
            }
        } while (page.size() == PAGE);
        Mark reached = new Mark(Math.max(last, clock.changeNo()), clock.life());
        table.mark(tenantId, space, reached);
        table.forget(tenantId, space);
        feed.note(tenantId, name(), reached);
        LOG.debug(
                "Store {} of tenant {} brought from change {} to {} in {} ms",
                name(),
                tenantId,
                from,
                last,
                (System.nanoTime() - start) / 1_000_000);
    }

    private void apply(UUID tenantId, Space space, List<VectorFeed.Change> page) {
        List<VectorTable.Point> points = new ArrayList<>();
        List<UUID> gone = new ArrayList<>();
        for (VectorFeed.Change change : page) {
            if (change.vector() == null) {
                gone.add(change.chunkId());
            } else {
                points.add(new VectorTable.Point(change.chunkId(), change.vector()));
            }
        }
        if (!gone.isEmpty()) {
            table.remove(tenantId, space, gone);
        }
        if (!points.isEmpty()) {
            table.put(tenantId, space, points);
        }
    }
}
