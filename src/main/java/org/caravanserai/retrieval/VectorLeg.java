package org.caravanserai.retrieval;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.caravanserai.failure.HubException;
import org.caravanserai.retrieval.store.Near;
import org.caravanserai.retrieval.store.RowVectors;
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
    private final RowVectors rows;
    private final MeterRegistry meters;

    VectorLeg(VectorStore store, RowVectors rows, MeterRegistry meters) {
        this.store = store;
        this.rows = rows;
        this.meters = meters;
    }

    /** Whether the vectors lie in the tenant's index itself. */
    boolean isEmbedded() {
        return store instanceof LuceneVectors;
    }

    /** Cosine by Lucene document, best first; empty without a vector, and while a store outside is away. */
    LinkedHashMap<Integer, Float> near(UUID tenantId, IndexSearcher searcher, float[] question, int limit)
            throws IOException {
        if (question == null) {
            return new LinkedHashMap<>();
        }
        if (isEmbedded()) {
            return LuceneVectors.documents(searcher, question, limit); // of the same moment as the words
        }
        LinkedHashMap<Integer, Float> scores = new LinkedHashMap<>();
        for (Near near : near(tenantId, question, limit)) {
            TopDocs found = searcher.search(
                    new TermQuery(new Term(TenantIndex.ID, near.chunkId().toString())), 1);
            if (found.scoreDocs.length == 1) {
                scores.put(found.scoreDocs[0].doc, (float) near.cosine());
            }
        }
        return scores;
    }

    /** Cosine of what the words alone found, so that it is judged by its meaning too. */
    Map<Integer, Float> cosines(UUID tenantId, IndexSearcher searcher, float[] question, TreeSet<Integer> docs)
            throws IOException {
        if (isEmbedded()) {
            return LuceneVectors.cosines(searcher, question, docs);
        }
        Map<UUID, Integer> byChunk = new HashMap<>();
        for (int doc : docs) {
            byChunk.put(
                    TenantIndex.uuid(searcher.storedFields().document(doc, Set.of(TenantIndex.ID)), TenantIndex.ID),
                    doc);
        }
        Map<Integer, Float> found = new HashMap<>();
        rows.cosines(tenantId, question, byChunk.keySet())
                .forEach((chunk, cosine) -> found.put(byChunk.get(chunk), (float) (double) cosine));
        return found;
    }

    /** What a store outside names; nothing while it is away. */
    List<UUID> outside(UUID tenantId, float[] question, int limit) {
        return near(tenantId, question, limit).stream().map(Near::chunkId).toList();
    }

    private List<Near> near(UUID tenantId, float[] question, int limit) {
        try {
            return store.nearest(tenantId, question, limit);
        } catch (HubException away) {
            meters.counter("hub.vectors.failures", "store", store.name()).increment();
            LOG.warn("A search goes by words alone: {}", away.getMessage());
            return List.of();
        }
    }
}
