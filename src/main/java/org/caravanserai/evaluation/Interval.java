package org.caravanserai.evaluation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/** A mean over questions and where it would lie, in 95 of 100 cases, for other questions of the same kind. */
record Interval(double mean, double low, double high) {

    private static final int RESAMPLES = 2_000;

    /** By the bootstrap: questions are drawn anew, with repetition. The same seed gives the same interval. */
    static Interval of(double[] values, long seed) {
        if (values.length == 0) {
            return new Interval(0, 0, 0);
        }
        Random random = new Random(seed);
        double[] means = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            double sum = 0;
            for (int n = 0; n < values.length; n++) {
                sum += values[random.nextInt(values.length)];
            }
            means[i] = sum / values.length;
        }
        Arrays.sort(means);
        return new Interval(
                Arrays.stream(values).average().orElse(0),
                means[RESAMPLES / 40],
                means[RESAMPLES - 1 - RESAMPLES / 40]);
    }

    /** Of the differences, question by question. */
    static Interval ofDifference(double[] values, double[] others, long seed) {
        double[] differences = new double[values.length];
        Arrays.setAll(differences, i -> values[i] - others[i]);
        return of(differences, seed);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4f (%.3f..%.3f)", mean, low, high);
    }
}
