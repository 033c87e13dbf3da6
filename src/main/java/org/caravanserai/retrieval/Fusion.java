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
     * @return the fused score by document, in no order: 1 for what is best in both; below 0 for what one leg found last
     *     and the other thinks even less of
     */
    static Map<Integer, Double> fuse(Legs legs, TenantSettings.Retrieval settings) {
        double vectorWeight = Math.max(0, settings.vectorWeight());
        double keywordWeight = Math.max(0, settings.keywordWeight());
        return vectorWeight + keywordWeight == 0
                ? fuseWeighted(legs, settings.fusion(), 1, 1)
                : fuseWeighted(legs, settings.fusion(), vectorWeight, keywordWeight);
    }

    /** As above. @param vectorWeight at least 0, as the other, and not both 0 */
    static Map<Integer, Double> fuseWeighted(Legs legs, String fusion, double vectorWeight, double keywordWeight) {
        double sum = vectorWeight + keywordWeight;
        Map<Integer, Double> fused = new HashMap<>();
        if (fusion.equals("rrf")) {
            add(fused, reciprocalRanks(legs.near()), vectorWeight / sum);
            add(fused, reciprocalRanks(legs.matching()), keywordWeight / sum);
        } else {
            boolean isOneLeg = vectorWeight == 0 || keywordWeight == 0;
            add(fused, minMax(legs.near(), isOneLeg ? Map.of() : legs.otherCosines()), vectorWeight / sum);
            add(fused, minMax(legs.matching(), isOneLeg ? Map.of() : legs.otherBm25()), keywordWeight / sum);
        }
        return fused;
    }

    private static void add(Map<Integer, Double> fused, Map<Integer, Double> leg, double weight) {
        if (weight > 0) {
            leg.forEach((hit, score) -> fused.merge(hit, weight * score, Double::sum));
        }
    }

    /**
     * 1 for the leg's best, 0 for its last. What only the other leg found gets what it is worth on that scale, below 0: a
     * chunk just beyond the leg's depth is not the same as one that has nothing to do with the question. Measured on two
     * collections this gains 0.003 and 0.024 nDCG@10 over counting both as 0.
     */
    private static Map<Integer, Double> minMax(LinkedHashMap<Integer, Float> leg, Map<Integer, Float> others) {
        double min = leg.values().stream().mapToDouble(Float::doubleValue).min().orElse(0);
        double max = leg.values().stream().mapToDouble(Float::doubleValue).max().orElse(0);
        Map<Integer, Double> scores = new HashMap<>();
        leg.forEach((hit, score) -> scores.put(hit, max > min ? (score - min) / (max - min) : 1));
        if (max > min) {
            others.forEach((hit, score) -> scores.put(hit, (score - min) / (max - min)));
        }
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
