package org.caravanserai.retrieval;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How sure it is that a passage has to do with a question, 0 to 1, whatever else there is: the fused score cannot tell,
 * since the best hit's is near 1 even if nothing fits. It joins the cosine with the share of the question's terms that
 * the passage has, rare terms counting more.
 */
final class Relevance {

    // bge-small's cosines of unrelated English texts lie around 0.5, of the same text at 1.
    private static final double COSINE_FLOOR = 0.45;
    private static final double COSINE_CEILING = 0.85;
    private static final double COSINE_SHARE = 0.7;

    private final Map<String, Double> idf = new HashMap<>();
    private double total;

    /** @param documentFrequencies of the question's terms, among {@code documents} chunks */
    Relevance(Map<String, Integer> documentFrequencies, int documents) {
        documentFrequencies.forEach((term, df) -> {
            double weight = Math.log(1 + (documents - df + 0.5) / (df + 0.5));
            idf.put(term, weight);
            total += weight;
        });
    }

    /** @param cosine null if it is not known, which counts as the floor */
    double of(Double cosine, Set<String> passageTerms) {
        double near = cosine == null
                ? 0
                : Math.clamp((cosine - COSINE_FLOOR) / (COSINE_CEILING - COSINE_FLOOR), 0, 1);
        return COSINE_SHARE * near + (1 - COSINE_SHARE) * coverage(passageTerms);
    }

    double coverage(Set<String> passageTerms) {
        if (total == 0) {
            return 0;
        }
        double found = 0;
        for (Map.Entry<String, Double> term : idf.entrySet()) {
            if (passageTerms.contains(term.getKey())) {
                found += term.getValue();
            }
        }
        return found / total;
    }
}
