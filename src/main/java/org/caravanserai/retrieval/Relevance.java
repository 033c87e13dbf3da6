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

    /** @param cosine null if it is not known, which counts as none */
    double of(Double cosine, Set<String> passageTerms) {
        return Math.clamp((cosine == null ? 0 : cosine) + COVERAGE_SHARE * coverage(passageTerms), 0, 1);
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
