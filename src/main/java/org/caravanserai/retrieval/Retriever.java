package org.caravanserai.retrieval;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.caravanserai.retrieval.store.VectorStore;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/** Finds a tenant's passages for a question, by meaning and by words together. */
@Component
public class Retriever {

    /** How much of a question is searched for; the rest adds cost, not sense. In characters. */
    public static final int MAX_QUESTION = 2_000;

    private static final int LEG_DEPTH = 100;
    private static final int MAX_QUERY_TERMS = 256;

    private final TenantIndexes indexes;
    private final Terms terms;
    private final EmbeddingModel embeddings;
    private final RetrievalProperties properties;
    private final VectorLeg vectors;
    private final VectorStore store;

    Retriever(
            TenantIndexes indexes,
            Terms terms,
            EmbeddingModel embeddings,
            RetrievalProperties properties,
            VectorLeg vectors,
            VectorStore store) {
        this.indexes = indexes;
        this.terms = terms;
        this.embeddings = embeddings;
        this.properties = properties;
        this.vectors = vectors;
        this.store = store;
    }

    private record Hit(Passage passage, double relevance) {}

    /** The best passages, whether they fit or not. @param topK 1 to 100 */
    public List<Passage> search(UUID tenantId, String query, TenantSettings.Retrieval settings, int topK) {
        String bounded = bound(query);
        float[] vector =
                bounded.isEmpty() ? null : embeddings.embed(bounded).content().vector();
        return search(tenantId, bounded, vector, settings, topK);
    }

    /** As above, with the query's vector at hand; null leaves the vector leg out. */
    public List<Passage> search(
            UUID tenantId, String query, float[] vector, TenantSettings.Retrieval settings, int topK) {
        return hits(tenantId, query, vector, settings, topK).stream()
                .map(Hit::passage)
                .toList();
    }

    /**
     * The best passages that have to do with the question, the surest first; empty means "I don't know". They are chosen
     * by the fused score and ordered by {@link Relevance}: normalised scores exaggerate small differences between few
     * passages, and what answers best must stand first.
     */
    public List<Passage> relevant(UUID tenantId, String question, float[] vector, TenantSettings.Retrieval settings) {
        double least = settings.minScore() == null ? properties.minScore() : settings.minScore();
        return hits(tenantId, question, vector, settings, settings.topK()).stream()
                .filter(hit -> hit.relevance() >= least)
                .sorted(Comparator.comparingDouble(Hit::relevance).reversed())
                .map(Hit::passage)
                .toList();
    }

    /** Removes the index of a tenant that is gone, and what the vector store has of it. */
    public void forgetTenant(UUID tenantId) {
        indexes.drop(tenantId);
        store.forgetTenant(tenantId);
    }

    /** The tenants that have an index on this hub's disk. */
    public Set<UUID> tenantsOnDisk() {
        return indexes.onDisk();
    }

    /** The part of a question that is searched for, stripped. */
    public static String bound(String question) {
        String text = question.strip().trim(); // trim takes control characters too, of which the model makes nothing
        if (text.length() <= MAX_QUESTION) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_QUESTION - 1)) ? MAX_QUESTION - 1 : MAX_QUESTION;
        return text.substring(0, end);
    }

    private List<Hit> hits(UUID tenantId, String query, float[] vector, TenantSettings.Retrieval settings, int topK) {
        Map<String, Integer> queryTerms = terms.of(bound(query), MAX_QUERY_TERMS);
        int wanted = Math.clamp(topK, 1, LEG_DEPTH);
        return indexes.search(tenantId, searcher -> {
            LinkedHashMap<Integer, Float> near = vectors.near(tenantId, searcher, vector, LEG_DEPTH);
            LinkedHashMap<Integer, Float> matching = matching(searcher, queryTerms);
            Relevance relevance = relevance(searcher, queryTerms);
            List<Map.Entry<Integer, Double>> best = Fusion.fuse(near, matching, settings).entrySet().stream()
                    .sorted(Map.Entry.<Integer, Double>comparingByValue(Comparator.reverseOrder())
                            .thenComparing(Map.Entry.comparingByKey()))
                    .limit(wanted)
                    .toList();
            List<Hit> hits = new ArrayList<>(best.size());
            for (Map.Entry<Integer, Double> entry : best) {
                hits.add(hit(searcher, entry, near.get(entry.getKey()), matching.get(entry.getKey()), relevance));
            }
            return hits;
        });
    }

    private Hit hit(
            IndexSearcher searcher, Map.Entry<Integer, Double> fused, Float cosine, Float bm25, Relevance relevance)
            throws IOException {
        Document stored = searcher.storedFields().document(fused.getKey());
        Double vectorScore = cosine == null ? null : cosine.doubleValue();
        String text = stored.get(TenantIndex.TEXT);
        Passage passage = new Passage(
                TenantIndex.uuid(stored, TenantIndex.ID),
                TenantIndex.uuid(stored, TenantIndex.DOCUMENT_ID),
                stored.get(TenantIndex.NAME),
                stored.getField(TenantIndex.POSITION).numericValue().intValue(),
                text,
                fused.getValue(),
                vectorScore,
                bm25 == null ? null : bm25.doubleValue());
        return new Hit(
                passage,
                relevance.of(
                        vectorScore,
                        terms.of(stored.get(TenantIndex.TITLE) + "\n" + text).keySet()));
    }

    /** BM25 by document, best first. */
    private static LinkedHashMap<Integer, Float> matching(IndexSearcher searcher, Map<String, Integer> queryTerms)
            throws IOException {
        LinkedHashMap<Integer, Float> scores = new LinkedHashMap<>();
        if (!queryTerms.isEmpty()) {
            BooleanQuery.Builder any = new BooleanQuery.Builder();
            queryTerms.forEach((term, count) -> {
                Query one = new TermQuery(new Term(TenantIndex.CONTENT, term));
                any.add(count == 1 ? one : new BoostQuery(one, count), BooleanClause.Occur.SHOULD);
            });
            for (ScoreDoc doc : searcher.search(any.build(), LEG_DEPTH).scoreDocs) {
                scores.put(doc.doc, doc.score);
            }
        }
        return scores;
    }

    private static Relevance relevance(IndexSearcher searcher, Map<String, Integer> queryTerms) throws IOException {
        Map<String, Integer> frequencies = new HashMap<>();
        for (String term : queryTerms.keySet()) {
            frequencies.put(term, searcher.getIndexReader().docFreq(new Term(TenantIndex.CONTENT, term)));
        }
        return new Relevance(frequencies, searcher.getIndexReader().numDocs());
    }
}
