package org.caravanserai.retrieval;

import java.io.IOException;
import java.util.List;

/** Reads question and passage together, which tells more than comparing vectors, and costs more. */
interface Reranker extends AutoCloseable {

    /**
     * @return how well each passage answers, in their order, 0 to 1
     * @throws IOException if that cannot be told now, or not in time
     */
    double[] score(String question, List<String> passages) throws IOException, InterruptedException;

    /** Which one it is, for its circuit. */
    String name();

    /** Whether what it is shown leaves the hub. */
    boolean isOutside();

    /** Ends what runs; later calls fail. */
    @Override
    void close();

    /** What a model gives before it is made a share of certainty. */
    static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}
