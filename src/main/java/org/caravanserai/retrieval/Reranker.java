package org.caravanserai.retrieval;

import java.io.IOException;
import java.util.List;

/** Reads question and passage together, which tells more than comparing vectors, and costs more. */
interface Reranker {

    /**
     * @return how well each passage answers, in their order, 0 to 1
     * @throws IOException if that cannot be told now, or not in time
     */
    double[] score(String question, List<String> passages) throws IOException, InterruptedException;
}
