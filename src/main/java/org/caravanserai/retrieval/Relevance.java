package org.caravanserai.retrieval;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How sure it is that a passage has to do with a question, 0 to 1, whatever else there is: the fused score cannot tell,
 * since the best hit's is near 1 even if nothing fits. It is the cosine, raised a little by the share of the question's
 * terms that the passage has, rare terms counting more, so that a name or number found literally counts too.
 */
final class Relevance {

    private static final double COVERAGE_SHARE = 0.15;
    /** Words alone are weighed as among so many chunks at least: among few, a word that none has would outweigh all others. */
    private static final int LEAST_CHUNKS = 1_000;

    private final Map<String, Double> idf = new HashMap<>();
    private final Map<String, Double> alone = new HashMap<>();

    /**
     * @param documentFrequencies of the question's terms, among {@code documents} chunks
     * @param functionWords what says nothing of what is asked, such as "when" and "does"
     */
    Relevance(Map<String, Integer> documentFrequencies, int documents, Set<String> functionWords) {
        documentFrequencies.forEach((term, df) -> {
            idf.put(term, idf(df, documents));
            if (!functionWords.contains(term)) {
                alone.put(term, idf(df, Math.max(documents, LEAST_CHUNKS)));
            }
        });
    }

    /** @param cosine null if it is not known: then the share of the terms alone tells */
    double of(Double cosine, Set<String> passageTerms) {
        return cosine == null
                ? share(alone, passageTerms)
                : Math.clamp(cosine + COVERAGE_SHARE * coverage(passageTerms), 0, 1);
    }

    double coverage(Set<String> passageTerms) {
        return share(idf, passageTerms);
    }

    private static double share(Map<String, Double> weights, Set<String> passageTerms) {
        double total = 0;
        double found = 0;
        for (Map.Entry<String, Double> term : weights.entrySet()) {
            total += term.getValue();
            if (passageTerms.contains(term.getKey())) {
                found += term.getValue();
            }
        }
        return total == 0 ? 0 : found / total;
    }

    private static double idf(int df, int documents) {
        return Math.log(1 + (documents - df + 0.5) / (df + 0.5));
    }
}
