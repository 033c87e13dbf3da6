package org.caravanserai.retrieval;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.caravanserai.tenant.TenantSettings;

/** Joins the vector and the keyword ranking into one score a hit. */
final class Fusion {

    private static final double RRF_K = 60;

    private Fusion() {}

    /**
     * @param vector cosine by Lucene document, best first
     * @param keyword BM25 by Lucene document, best first
     * @return the fused score, 0 to 1, by document, in no order
     */
    static Map<Integer, Double> fuse(
            LinkedHashMap<Integer, Float> vector,
            LinkedHashMap<Integer, Float> keyword,
            TenantSettings.Retrieval settings) {
        double vectorWeight = Math.max(0, settings.vectorWeight());
        double keywordWeight = Math.max(0, settings.keywordWeight());
        double sum = vectorWeight + keywordWeight;
        if (sum == 0) {
            vectorWeight = keywordWeight = sum = 1;
        }
        boolean rrf = settings.fusion().equals("rrf");
        Map<Integer, Double> fused = new HashMap<>();
        add(fused, rrf ? reciprocalRanks(vector) : minMax(vector), vectorWeight / sum);
        add(fused, rrf ? reciprocalRanks(keyword) : minMax(keyword), keywordWeight / sum);
        return fused;
    }

    private static void add(Map<Integer, Double> fused, Map<Integer, Double> leg, double weight) {
        if (weight > 0) {
            leg.forEach((hit, score) -> fused.merge(hit, weight * score, Double::sum));
        }
    }

    private static Map<Integer, Double> minMax(LinkedHashMap<Integer, Float> leg) {
        double min = leg.values().stream().mapToDouble(Float::doubleValue).min().orElse(0);
        double max = leg.values().stream().mapToDouble(Float::doubleValue).max().orElse(0);
        Map<Integer, Double> scores = new HashMap<>();
        leg.forEach((hit, score) -> scores.put(hit, max > min ? (score - min) / (max - min) : 1));
        return scores;
    }

    /** 1/(k + rank), scaled so that the first has 1. */
    private static Map<Integer, Double> reciprocalRanks(LinkedHashMap<Integer, Float> leg) {
        Map<Integer, Double> scores = new HashMap<>();
        int rank = 1;
        for (Integer hit : leg.keySet()) {
            scores.put(hit, (RRF_K + 1) / (RRF_K + rank++));
        }
        return scores;
    }
}
