package org.caravanserai.retrieval.store;

import dev.langchain4j.model.embedding.EmbeddingModel;
import org.caravanserai.failure.HubException;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * When the hub starts with another embedding model than documents were indexed with, they become due again. Their old
 * chunks stay to be found by their words until the new ones stand in their place.
 */
@Component
class ReindexOtherModels {

    private static final Logger LOG = LoggerFactory.getLogger(ReindexOtherModels.class);
    private static final int AT_A_TIME = 500;

    private final TenantTransactions transactions;
    private final EmbeddingModel embeddings;

    ReindexOtherModels(TenantTransactions transactions, EmbeddingModel embeddings) {
        this.transactions = transactions;
        this.embeddings = embeddings;
    }

    /** Beside the start, which does not wait for a model that loads or lies outside. */
    @EventListener(ApplicationReadyEvent.class)
    void start() {
        Thread.ofVirtual().name("reindex-other-models").start(() -> {
            try {
                run();
            } catch (RuntimeException failed) {
                LOG.warn("Documents of other embedding models could not be looked for; the next start does", failed);
            }
        });
    }

    /** @return how many documents became due */
    long run() {
        Integer dimension = dimension();
        long all = 0;
        long some;
        do {
            some = transactions.acrossTenants(jdbc -> jdbc.sql("select hub_reindex_other_models(?, ?::int, ?)")
                    .params(embeddings.modelName(), dimension, AT_A_TIME)
                    .query(Long.class)
                    .single());
            all += some;
        } while (some > 0);
        if (all > 0) {
            LOG.info(
                    "{} documents are indexed again, since the embedding model is now {}", all, embeddings.modelName());
        }
        return all;
    }

    private Integer dimension() {
        try {
            return embeddings.dimension();
        } catch (HubException away) {
            LOG.warn("The embedding model did not say its dimension: {}", away.getMessage());
            return null;
        }
    }
}
