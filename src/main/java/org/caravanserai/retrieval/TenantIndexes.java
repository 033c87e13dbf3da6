package org.caravanserai.retrieval;

import dev.langchain4j.model.embedding.EmbeddingModel;
import jakarta.annotation.PreDestroy;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.AlreadyClosedException;
import org.caravanserai.HubProperties;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.tenant.TenantFolders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * The tenants' indexes under {@code HUB_HOME/index}, opened when first searched, a bounded number at a time. Before each
 * search an index is brought up to the tenant's change clock; a lost or damaged one is built again from the rows.
 */
@Component
class TenantIndexes {

    private static final Logger LOG = LoggerFactory.getLogger(TenantIndexes.class);
    private static final int PAGE = 500;
    /** No chunk's vector is of it: where a store outside has the vectors, an index holds words only. */
    private static final String NO_MODEL = "";

    /** What is done with an up-to-date searcher. */
    @FunctionalInterface
    interface Search<T> {
        T in(IndexSearcher searcher) throws IOException;
    }

    private static final class Slot {
        private final ReentrantLock lock = new ReentrantLock();
        private TenantIndex index;
        private int users;
    }

    private final Path root;
    private final ChunkFeed feed;
    private final Terms terms;
    private final EmbeddingModel embeddings;
    private final int maxOpen;
    private final boolean hasVectors;
    private final ProcessorThreads indexThreads;
    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<UUID, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);

    TenantIndexes(
            HubProperties hub,
            ChunkFeed feed,
            Terms terms,
            EmbeddingModel embeddings,
            RetrievalProperties properties,
            VectorProperties vectors,
            ProcessorThreads indexThreads) {
        this.root = hub.home().resolve("index").toAbsolutePath().normalize();
        this.feed = feed;
        this.terms = terms;
        this.embeddings = embeddings;
        this.maxOpen = properties.openIndexes();
        this.hasVectors = vectors.isEmbedded();
        this.indexThreads = indexThreads;
    }

    /** Searches all that was committed for the tenant before this call. */
    <T> T search(UUID tenantId, Search<T> search) {
        ChunkFeed.Clock clock = feed.clock(tenantId);
        Slot slot = take(tenantId);
        try {
            return searchOrRebuild(tenantId, slot, clock, search);
        } catch (IOException failed) {
            throw new UncheckedIOException("The search index cannot be read or written under HUB_HOME.", failed);
        } finally {
            giveBack(slot);
        }
    }

    /** Removes the index of a tenant that is gone, or one that shall be built again. */
    void drop(UUID tenantId) {
        Slot slot = take(tenantId);
        slot.lock.lock();
        try {
            discard(tenantId, slot);
        } catch (IOException left) {
            LOG.warn("The search index of tenant {} could not be removed", tenantId, left);
        } finally {
            slot.lock.unlock();
            giveBack(slot);
        }
    }

    /** The tenants that have an index on this hub's disk. */
    Set<UUID> onDisk() {
        return TenantFolders.below(root);
    }

    /** The size of the tenant's index on this hub's disk. */
    long bytes(UUID tenantId) {
        try (Stream<Path> files = Files.walk(folder(tenantId))) {
            return files.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum();
        } catch (IOException none) {
            return 0;
        }
    }

    /** How many indexes are open. */
    int open() {
        lock.lock();
        try {
            return slots.size();
        } finally {
            lock.unlock();
        }
    }

    @PreDestroy
    void close() {
        lock.lock();
        try {
            slots.values().forEach(TenantIndexes::closeQuietly);
            slots.clear();
        } finally {
            lock.unlock();
        }
    }

    private <T> T searchOrRebuild(UUID tenantId, Slot slot, ChunkFeed.Clock clock, Search<T> search)
            throws IOException {
        TenantIndex index = null;
        try {
            index = upToDate(tenantId, slot, clock);
            return searchIn(index, search);
        } catch (IOException | AlreadyClosedException damaged) {
            LOG.warn("The search index of tenant {} is damaged; building it again", tenantId, damaged);
        }
        slot.lock.lock();
        try {
            // another search may have built it again already
            if (slot.index == index) {
                discard(tenantId, slot);
            }
        } finally {
            slot.lock.unlock();
        }
        return searchIn(upToDate(tenantId, slot, clock), search);
    }

    private static <T> T searchIn(TenantIndex index, Search<T> search) throws IOException {
        IndexSearcher searcher = index.acquire();
        try {
            return search.in(searcher);
        } finally {
            index.release(searcher);
        }
    }

    private TenantIndex upToDate(UUID tenantId, Slot slot, ChunkFeed.Clock seen) throws IOException {
        slot.lock.lock();
        try {
            // another search may have looked at the clock after us, and brought the index further
            ChunkFeed.Clock clock = slot.index == null || slot.index.isBehind(seen) ? seen : feed.clock(tenantId);
            if (slot.index != null && !Files.isDirectory(folder(tenantId))
                    || slot.index != null && !slot.index.isBehind(clock)) {
                // the folder was lost under us, the tenant was made anew, or the database is older than the index
                discard(tenantId, slot);
            }
            if (slot.index == null) {
                slot.index = open(tenantId, clock);
                if (!slot.index.isBehind(clock)) {
                    discard(tenantId, slot);
                    slot.index = open(tenantId, clock);
                }
            }
            if (slot.index.changeNo() < clock.changeNo()) {
                catchUp(tenantId, slot.index, clock.changeNo(), terms.language(clock.language()));
            }
            return slot.index;
        } finally {
            slot.lock.unlock();
        }
    }

    private void catchUp(UUID tenantId, TenantIndex index, long clock, String language) throws IOException {
        long start = System.nanoTime();
        long from = index.changeNo();
        long last = from;
        List<ChunkRow> page;
        do {
            List<ChunkRow> next = feed.after(tenantId, last, PAGE);
            indexThreads.run(() -> {
                index.apply(next, language);
                return null;
            });
            page = next;
            last = page.isEmpty() ? last : page.getLast().changeNo();
        } while (page.size() == PAGE);
        long upTo = Math.max(last, clock);
        indexThreads.run(() -> {
            index.commit(upTo);
            return null;
        });
        LOG.debug(
                "Index of tenant {} brought from change {} to {} in {} ms",
                tenantId,
                from,
                index.changeNo(),
                (System.nanoTime() - start) / 1_000_000);
    }

    private TenantIndex open(UUID tenantId, ChunkFeed.Clock clock) throws IOException {
        Files.createDirectories(folder(tenantId));
        String model = hasVectors ? embeddings.modelName() : NO_MODEL;
        try {
            return TenantIndex.open(folder(tenantId), terms, model, clock.life());
        } catch (IllegalArgumentException | IllegalStateException damaged) {
            throw new IOException("The files of the index make no sense.", damaged); // so Lucene says it of some damage
        }
    }

    private void discard(UUID tenantId, Slot slot) throws IOException {
        closeQuietly(slot);
        FileSystemUtils.deleteRecursively(folder(tenantId));
    }

    private Path folder(UUID tenantId) {
        return root.resolve(tenantId.toString());
    }

    private Slot take(UUID tenantId) {
        lock.lock();
        try {
            Slot slot = slots.computeIfAbsent(tenantId, id -> new Slot());
            slot.users++;
            closeIdle();
            return slot;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Slot slot) {
        lock.lock();
        try {
            slot.users--;
            closeIdle();
        } finally {
            lock.unlock();
        }
    }

    private void closeIdle() {
        Iterator<Map.Entry<UUID, Slot>> oldestFirst = slots.entrySet().iterator();
        while (slots.size() > maxOpen && oldestFirst.hasNext()) {
            Slot slot = oldestFirst.next().getValue();
            if (slot.users == 0) {
                closeQuietly(slot);
                oldestFirst.remove();
            }
        }
    }

    private static void closeQuietly(Slot slot) {
        TenantIndex index = slot.index;
        slot.index = null;
        if (index != null) {
            try {
                index.close();
            } catch (IOException | IllegalStateException left) {
                LOG.debug("A search index was not closed cleanly; it is a cache", left);
            }
        }
    }
}
