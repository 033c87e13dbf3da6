package org.caravanserai.evaluation;

import java.util.List;
import java.util.Locale;

/**
 * The bound of relevance that best parts questions that are answered from those that are not.
 *
 * @param minScore the bound
 * @param passed share of the answered questions that reach it
 * @param refused share of the others that do not
 */
record Calibration(double minScore, double passed, double refused, int answered, int unanswered) {

    /** The bound at which passed + refused is highest; the lowest of several, in steps of 0.01. */
    static Calibration of(List<Double> answered, List<Double> unanswered) {
        Calibration best = null;
        for (int step = 0; step <= 100; step++) {
            double bound = step / 100.0;
            Calibration at = new Calibration(
                    bound, share(answered, bound), 1 - share(unanswered, bound), answered.size(), unanswered.size());
            if (best == null || at.passed + at.refused > best.passed + best.refused + 1e-9) {
                best = at;
            }
        }
        return best;
    }

    private static double share(List<Double> values, double bound) {
        return values.isEmpty()
                ? 0
                : (double) values.stream().filter(value -> value >= bound).count() / values.size();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "minScore %.2f lets %.0f%% of %d answered questions pass and refuses %.0f%% of %d others",
                minScore,
                100 * passed,
                answered,
                100 * refused,
                unanswered);
    }
}
