package org.caravanserai.retrieval;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.caravanserai.HubProperties;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.retrieval.store.VectorStore;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.util.FileSystemUtils;

/** The embedded vector store in a folder of its own, for tests of other packages. A change of model is a start anew. */
public final class EmbeddedStores implements AutoCloseable {

    private final HubProperties hub;
    private final ChunkFeed feed;
    private final Terms terms = new Terms();
    private TenantIndexes indexes;
    private IndexFollower follower;
    private String opened;

    public EmbeddedStores(HubProperties hub, TenantTransactions transactions) {
        Path home = hub.home().resolve("stores").resolve(UUID.randomUUID().toString());
        this.hub = new HubProperties(home, hub.publicUrl(), null, false, false);
        this.feed = new ChunkFeed(transactions);
    }

    /** The store of a hub that has this model. */
    public VectorStore of(EmbeddingModel model) {
        if (!model.modelName().equals(opened)) {
            close();
            indexes = new TenantIndexes(
                    hub,
                    feed,
                    terms,
                    model,
                    new RetrievalProperties(50, 0.5),
                    new VectorProperties(VectorProperties.EMBEDDED, Duration.ofSeconds(5), null));
            follower = new IndexFollower(indexes, feed, terms);
            opened = model.modelName();
        }
        return new LuceneVectors(indexes, follower, feed);
    }

    /** Loses all files. */
    public void lose() {
        try {
            FileSystemUtils.deleteRecursively(hub.home());
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        }
    }

    @Override
    public void close() {
        if (indexes != null) {
            follower.close();
            indexes.close();
        }
    }
}
