package org.caravanserai.retrieval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.Retriever.Found;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the best hits reordered, if a reranker is configured; without its answer they stay as they are. */
final class Reranking implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reranking.class);

    private final Reranker reranker;
    private final Circuits circuits;
    private final RerankProperties properties;

    /** @param reranker null if none is configured */
    Reranking(Reranker reranker, Circuits circuits, RerankProperties properties) {
        this.reranker = reranker;
        this.circuits = circuits;
        this.properties = properties;
    }

    boolean isOn() {
        return reranker != null;
    }

    /** How many hits it wants to see. */
    int depth() {
        return properties.depth();
    }

    /**
     * The hits in the reranker's order, its score in place of the fused one; those beyond its depth follow.
     *
     * @param hide takes out of a text what must not leave the hub
     */
    List<Found> apply(String question, List<Found> fused, UnaryOperator<String> hide) {
        if (reranker == null || fused.isEmpty() || question.isBlank()) {
            return fused;
        }
        List<Found> first = fused.subList(0, Math.min(properties.depth(), fused.size()));
        Circuits.Call call;
        try {
            call = circuits.enter("rerank", reranker.name());
        } catch (RetryableException spared) {
            return fused;
        }
        try {
            UnaryOperator<String> shown = reranker.isOutside() ? hide : UnaryOperator.identity();
            double[] scores = reranker.score(
                    shown.apply(question),
                    first.stream()
                            .map(found -> shown.apply(found.passage().text()))
                            .toList());
            call.succeeded();
            return reordered(fused, first.size(), scores);
        } catch (IOException | RuntimeException failed) {
            call.failed(failed);
            LOG.warn("Passages were not reranked, their fused order stands: {}", failed.getMessage());
            return fused;
        } catch (InterruptedException stopped) {
            call.ignored();
            Thread.currentThread().interrupt();
            return fused;
        }
    }

    @Override
    public void close() {
        if (reranker != null) {
            reranker.close();
        }
    }

    private static List<Found> reordered(List<Found> fused, int scored, double[] scores) {
        List<Found> ordered = new ArrayList<>();
        double least = 1;
        for (int i = 0; i < scored; i++) {
            ordered.add(fused.get(i).reranked(scores[i]));
            least = Math.min(least, scores[i]);
        }
        ordered.sort(Comparator.comparingDouble(found -> -found.passage().score()));
        for (Found rest : fused.subList(scored, fused.size())) {
            ordered.add(rest.scored(least * rest.passage().score()));
        }
        return ordered;
    }
}
