package org.caravanserai.evaluation;

import java.util.List;
import java.util.Map;

/** What a ranking is worth, 0 to 1, computed as trec_eval does. */
enum Measure {
    /** Gain is the grade itself, the discount the logarithm of rank + 1 to the base 2. */
    NDCG_10("nDCG@10") {
        @Override
        double of(List<String> ranking, Map<String, Integer> grades) {
            double ideal = dcg(grades.values().stream()
                    .filter(grade -> grade > 0)
                    .sorted((a, b) -> b - a)
                    .limit(10)
                    .toList());
            double found = dcg(ranking.stream()
                    .limit(10)
                    .map(id -> Math.max(0, grades.getOrDefault(id, 0)))
                    .toList());
            return ideal == 0 ? 0 : found / ideal;
        }
    },
    RECALL_100("recall@100") {
        @Override
        double of(List<String> ranking, Map<String, Integer> grades) {
            long relevant = grades.values().stream().filter(grade -> grade > 0).count();
            long found = ranking.stream()
                    .limit(100)
                    .filter(id -> grades.getOrDefault(id, 0) > 0)
                    .count();
            return relevant == 0 ? 0 : (double) found / relevant;
        }
    },
    /** Over the first 100. */
    MRR("MRR") {
        @Override
        double of(List<String> ranking, Map<String, Integer> grades) {
            for (int i = 0; i < Math.min(100, ranking.size()); i++) {
                if (grades.getOrDefault(ranking.get(i), 0) > 0) {
                    return 1.0 / (i + 1);
                }
            }
            return 0;
        }
    };

    private final String title;

    Measure(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** @param ranking ids, best first, none twice @param grades by id; above 0 is relevant */
    abstract double of(List<String> ranking, Map<String, Integer> grades);

    private static double dcg(List<Integer> grades) {
        double sum = 0;
        for (int i = 0; i < grades.size(); i++) {
            sum += grades.get(i) / (Math.log(i + 2.0) / Math.log(2));
        }
        return sum;
    }
}
