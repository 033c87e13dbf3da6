package org.caravanserai.retrieval;

import dev.langchain4j.model.embedding.EmbeddingModel;
import jakarta.annotation.PreDestroy;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.AlreadyClosedException;
import org.caravanserai.HubProperties;
import org.caravanserai.retrieval.TenantIndex.Made;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.tenant.TenantFolders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The tenants' indexes under {@code HUB_HOME/index}, a bounded number of them open at a time. {@link IndexFollower} writes
 * them; a search takes what is there and waits for nothing: no lock that it takes is held while rows are read or an index
 * is written.
 */
@Component
class TenantIndexes {

    private static final Logger LOG = LoggerFactory.getLogger(TenantIndexes.class);
    /** No chunk's vector is of it: where a store outside has the vectors, an index holds words only. */
    private static final String NO_MODEL = "";
    /** So many changes an index may lack, or a tenth of all, and be looked at before the rows. */
    private static final long FEW = 500;

    /** What a search does with an index. */
    @FunctionalInterface
    interface Search<T> {
        T in(IndexSearcher searcher) throws IOException;
    }

    /** How far an index is of use: it holds all, all but a little, a part, or there is none. */
    enum Fit {
        CURRENT,
        NEAR,
        FAR,
        NONE
    }

    private static final class Used {
        private final IndexSlot slot;
        private int users;

        private Used(IndexSlot slot) {
            this.slot = slot;
        }
    }

    private final Path root;
    private final ChunkFeed feed;
    private final Terms terms;
    private final EmbeddingModel embeddings;
    private final int maxOpen;
    private final boolean hasVectors;
    private final ReentrantLock lock = new ReentrantLock();
    /** Who was used last stands last. */
    private final LinkedHashMap<UUID, Used> slots = new LinkedHashMap<>(16, 0.75f, true);

    TenantIndexes(
            HubProperties hub,
            ChunkFeed feed,
            Terms terms,
            EmbeddingModel embeddings,
            RetrievalProperties properties,
            VectorProperties vectors) {
        this.root = hub.home().resolve("index").toAbsolutePath().normalize();
        this.feed = feed;
        this.terms = terms;
        this.embeddings = embeddings;
        this.maxOpen = properties.openIndexes();
        this.hasVectors = vectors.isEmbedded();
    }

    /** What a search looks at, for as long as it is not closed. */
    final class View implements AutoCloseable {
        private final IndexSlot slot;
        private final TenantIndex index;
        private final IndexSearcher searcher;
        private final Fit fit;

        private View(IndexSlot slot, TenantIndex index, IndexSearcher searcher, Fit fit) {
            this.slot = slot;
            this.index = index;
            this.searcher = searcher;
            this.fit = fit;
        }

        Fit fit() {
            return fit;
        }

        /** Whether its vectors can be compared with a question's too; if not, words find what it has. */
        boolean answersVectors() {
            return index.made().model().equals(model());
        }

        /** @throws IOException if the index turns out to be damaged; it is made anew then */
        <T> T search(Search<T> search) throws IOException {
            try {
                return search.in(searcher);
            } catch (IOException | AlreadyClosedException damaged) {
                LOG.warn("The search index of tenant {} is damaged; it is built again", slot.tenantId(), damaged);
                slot.discardIf(index);
                throw new IOException("damaged", damaged);
            }
        }

        @Override
        public void close() {
            try {
                if (searcher != null) {
                    index.release(searcher);
                }
            } catch (IOException left) {
                LOG.debug("A search index was not released", left);
            } finally {
                giveBack(slot);
            }
        }
    }

    /** What there is of a tenant's index now. @param seen as read for this search */
    View view(UUID tenantId, ChunkFeed.Clock seen) {
        IndexSlot slot = take(tenantId);
        try {
            TenantIndex index = slot.toSearch();
            // before the searcher is taken: that may be newer than this says, not older
            Fit fit = index == null || !Files.isDirectory(slot.folder()) ? Fit.NONE : fit(tenantId, index, seen);
            return new View(slot, index, fit == Fit.NONE ? null : index.acquire(), fit);
        } catch (IOException | AlreadyClosedException gone) {
            LOG.debug("The search index of tenant {} is being closed", tenantId, gone);
            return new View(slot, null, null, Fit.NONE);
        } catch (RuntimeException failed) {
            giveBack(slot);
            throw failed;
        }
    }

    private Fit fit(UUID tenantId, TenantIndex index, ChunkFeed.Clock seen) {
        long changeNo = index.changeNo();
        // it may have followed beyond what this search saw
        ChunkFeed.Clock clock = changeNo <= seen.changeNo() ? seen : feed.clock(tenantId);
        long lag = clock.changeNo() - changeNo;
        Made wanted = made(clock);
        if (lag < 0 || changeNo == 0 || !index.made().isKin(wanted)) {
            return Fit.NONE;
        }
        if (index.made().equals(wanted) && changeNo >= seen.changeNo()) {
            return Fit.CURRENT;
        }
        return lag <= Math.max(FEW, changeNo / 10) ? Fit.NEAR : Fit.FAR;
    }

    /** A tenant's slot, which stays until it is given back. */
    IndexSlot take(UUID tenantId) {
        lock.lock();
        try {
            Used used = slots.computeIfAbsent(tenantId, id -> new Used(new IndexSlot(id, root, terms)));
            used.users++;
            return used.slot;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(IndexSlot slot) {
        lock.lock();
        try {
            Used used = slots.get(slot.tenantId());
            if (used != null && used.slot == slot && --used.users == 0 && !slot.isOpen()) {
                slots.remove(slot.tenantId());
            }
        } finally {
            lock.unlock();
        }
    }

    /** What the tenant's index is to be made from now. */
    Made made(ChunkFeed.Clock clock) {
        return new Made(model(), clock.life());
    }

    private String model() {
        return hasVectors ? embeddings.modelName() : NO_MODEL;
    }

    /** Removes the index of a tenant that is gone, or one that shall be built again. */
    void drop(UUID tenantId) {
        IndexSlot slot = take(tenantId);
        try {
            slot.drop();
        } finally {
            giveBack(slot);
        }
    }

    /** Up to which change the tenant's index is searched; 0 if it is not open. */
    long changeNo(UUID tenantId) {
        lock.lock();
        try {
            Used used = slots.get(tenantId);
            return used == null ? 0 : used.slot.changeNo();
        } finally {
            lock.unlock();
        }
    }

    /** The tenants that have an index on this hub's disk. */
    Set<UUID> onDisk() {
        return TenantFolders.below(root);
    }

    /** The size of the tenant's index on this hub's disk. */
    long bytes(UUID tenantId) {
        try (Stream<Path> files = Files.walk(root.resolve(tenantId.toString()))) {
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

    /** Closes those that were not used for longest, down to the bound. No search waits for it. */
    void closeIdle() {
        List<IndexSlot> idle = new ArrayList<>();
        lock.lock();
        try {
            int more = slots.size() - maxOpen;
            Iterator<Used> oldestFirst = slots.values().iterator();
            while (idle.size() < more && oldestFirst.hasNext()) {
                Used used = oldestFirst.next();
                if (used.users == 0) {
                    used.users++;
                    idle.add(used.slot);
                }
            }
        } finally {
            lock.unlock();
        }
        for (IndexSlot slot : idle) {
            slot.close();
            giveBack(slot);
        }
    }

    @PreDestroy
    void close() {
        List<IndexSlot> all;
        lock.lock();
        try {
            all = slots.values().stream().map(used -> used.slot).toList();
            slots.clear();
        } finally {
            lock.unlock();
        }
        all.forEach(IndexSlot::close);
    }
}
