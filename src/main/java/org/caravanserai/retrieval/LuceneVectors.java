package org.caravanserai.retrieval;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.VectorScorer;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.store.Near;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.retrieval.store.VectorStore;

/** The embedded vector store: HNSW in the tenant's own index on this hub's disk, beside the words. */
final class LuceneVectors implements VectorStore {

    /** The graph is searched this widely at least: as narrowly as for one hit, it misses the best. */
    private static final int BEAM = 100;

    private static final Duration LONGEST_FOLLOWED = Duration.ofMinutes(1);

    private final TenantIndexes indexes;
    private final IndexFollower follower;
    private final ChunkFeed feed;

    LuceneVectors(TenantIndexes indexes, IndexFollower follower, ChunkFeed feed) {
        this.indexes = indexes;
        this.follower = follower;
        this.feed = feed;
    }

    @Override
    public String name() {
        return VectorProperties.EMBEDDED;
    }

    @Override
    public List<Near> nearest(UUID tenantId, float[] question, int limit) {
        try (TenantIndexes.View view = indexes.view(tenantId, feed.clock(tenantId))) {
            return view.fit() == TenantIndexes.Fit.NONE || !view.answersVectors()
                    ? List.of()
                    : view.search(searcher -> near(searcher, question, limit));
        } catch (IOException damaged) {
            throw new RetryableException("The search index is built again.", damaged);
        }
    }

    private static List<Near> near(IndexSearcher searcher, float[] question, int limit) throws IOException {
        List<Near> near = new ArrayList<>();
        for (Map.Entry<Integer, Float> hit :
                documents(searcher, question, limit).entrySet()) {
            near.add(new Near(
                    TenantIndex.uuid(searcher.storedFields().document(hit.getKey()), TenantIndex.ID), hit.getValue()));
        }
        return near;
    }

    /** Cosine by Lucene document, best first. */
    static LinkedHashMap<Integer, Float> documents(IndexSearcher searcher, float[] question, int limit)
            throws IOException {
        LinkedHashMap<Integer, Float> scores = new LinkedHashMap<>();
        String field = TenantIndex.vectorField(question.length);
        KnnFloatVectorQuery query = new KnnFloatVectorQuery(field, question, Math.max(limit, BEAM));
        for (ScoreDoc doc : searcher.search(query, limit).scoreDocs) {
            scores.put(doc.doc, cosine(doc.score));
        }
        return scores;
    }

    /** Cosine of some Lucene documents; those without a vector are left out. */
    static Map<Integer, Float> cosines(IndexSearcher searcher, float[] vector, TreeSet<Integer> docs)
            throws IOException {
        Map<Integer, Float> found = new HashMap<>();
        for (LeafReaderContext leaf : searcher.getLeafContexts()) {
            FloatVectorValues values = leaf.reader().getFloatVectorValues(TenantIndex.vectorField(vector.length));
            VectorScorer scorer = values == null ? null : values.scorer(vector);
            if (scorer != null) {
                DocIdSetIterator at = scorer.iterator();
                for (int doc : Legs.within(docs, leaf)) {
                    if (at.docID() < doc ? at.advance(doc) == doc : at.docID() == doc) {
                        found.put(leaf.docBase + doc, cosine(scorer.score()));
                    }
                }
            }
        }
        return found;
    }

    private static float cosine(float luceneScore) {
        return 2 * luceneScore - 1; // Lucene's is (1 + cosine) / 2
    }

    @Override
    public void forgetTenant(UUID tenantId) {
        indexes.drop(tenantId);
    }

    @Override
    public void follow(UUID tenantId) {
        if (!follower.awaitFollowed(tenantId, LONGEST_FOLLOWED)) {
            throw new RetryableException("The search index is still being built.", null);
        }
    }

    /** Files on the hub's own disk, which are made again when they are damaged. */
    @Override
    public void check() {
        // nothing can be away
    }
}
