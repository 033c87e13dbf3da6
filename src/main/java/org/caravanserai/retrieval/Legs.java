package org.caravanserai.retrieval;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;

/**
 * What the two ways of searching found, by Lucene document.
 *
 * @param near cosine, best first
 * @param matching BM25, best first
 * @param otherCosines of what only the keywords found
 * @param otherBm25 of what only the vector found; 0 for what has none of the words
 */
record Legs(
        LinkedHashMap<Integer, Float> near,
        LinkedHashMap<Integer, Float> matching,
        Map<Integer, Float> otherCosines,
        Map<Integer, Float> otherBm25) {

    /** @param vector null leaves the vector leg out */
    static Legs search(
            VectorLeg vectors, UUID tenantId, IndexSearcher searcher, float[] vector, Keywords keywords, int depth)
            throws IOException {
        LinkedHashMap<Integer, Float> near = vectors.near(tenantId, searcher, vector, depth);
        LinkedHashMap<Integer, Float> matching = new LinkedHashMap<>();
        Query query = keywords.query();
        if (!keywords.isEmpty()) {
            for (ScoreDoc doc : searcher.search(query, depth).scoreDocs) {
                matching.put(doc.doc, doc.score);
            }
        }
        TreeSet<Integer> onlyMatching = new TreeSet<>(matching.keySet());
        onlyMatching.removeAll(near.keySet());
        TreeSet<Integer> onlyNear = new TreeSet<>(near.keySet());
        onlyNear.removeAll(matching.keySet());
        return new Legs(
                near,
                matching,
                vector == null ? Map.of() : vectors.cosines(tenantId, searcher, vector, onlyMatching),
                keywords.isEmpty() ? Map.of() : bm25(searcher, query, onlyNear));
    }

    private static Map<Integer, Float> bm25(IndexSearcher searcher, Query query, TreeSet<Integer> docs)
            throws IOException {
        Map<Integer, Float> found = new HashMap<>();
        docs.forEach(doc -> found.put(doc, 0f));
        Weight weight = searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE, 1);
        for (LeafReaderContext leaf : searcher.getLeafContexts()) {
            Scorer scorer = weight.scorer(leaf);
            if (scorer != null) {
                DocIdSetIterator at = scorer.iterator();
                for (int doc : within(docs, leaf)) {
                    if (at.docID() < doc ? at.advance(doc) == doc : at.docID() == doc) {
                        found.put(leaf.docBase + doc, scorer.score());
                    }
                }
            }
        }
        return found;
    }

    /** Those that lie in the segment, by their number in it, in order. */
    static List<Integer> within(TreeSet<Integer> docs, LeafReaderContext leaf) {
        return docs.subSet(leaf.docBase, leaf.docBase + leaf.reader().maxDoc()).stream()
                .map(doc -> doc - leaf.docBase)
                .toList();
    }
}
