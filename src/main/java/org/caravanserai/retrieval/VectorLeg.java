package org.caravanserai.retrieval;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.caravanserai.failure.HubException;
import org.caravanserai.retrieval.store.Near;
import org.caravanserai.retrieval.store.VectorStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * What is near to a question, as documents of the tenant's index, which knows the texts. What a store outside names and the
 * index does not have is left out: it was deleted while we searched.
 */
@Component
class VectorLeg {

    private static final Logger LOG = LoggerFactory.getLogger(VectorLeg.class);

    private final VectorStore store;
    private final MeterRegistry meters;

    VectorLeg(VectorStore store, MeterRegistry meters) {
        this.store = store;
        this.meters = meters;
    }

    /** Cosine by Lucene document, best first; empty without a vector, and while a store outside is away. */
    LinkedHashMap<Integer, Float> near(UUID tenantId, IndexSearcher searcher, float[] question, int limit)
            throws IOException {
        if (question == null) {
            return new LinkedHashMap<>();
        }
        if (store instanceof LuceneVectors) {
            return LuceneVectors.documents(searcher, question, limit); // of the same moment as the words
        }
        LinkedHashMap<Integer, Float> scores = new LinkedHashMap<>();
        for (Near near : outside(tenantId, question, limit)) {
            TopDocs found = searcher.search(
                    new TermQuery(new Term(TenantIndex.ID, near.chunkId().toString())), 1);
            if (found.scoreDocs.length == 1) {
                scores.put(found.scoreDocs[0].doc, (float) near.cosine());
            }
        }
        return scores;
    }

    private List<Near> outside(UUID tenantId, float[] question, int limit) {
        try {
            return store.nearest(tenantId, question, limit);
        } catch (HubException away) {
            meters.counter("hub.vectors.failures", "store", store.name()).increment();
            LOG.warn("A search goes by words alone: {}", away.getMessage());
            return List.of();
        }
    }
}
