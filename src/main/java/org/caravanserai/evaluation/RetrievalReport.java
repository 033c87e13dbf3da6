package org.caravanserai.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.caravanserai.evaluation.RetrievalEvaluation.Line;

/**
 * What a measurement of retrieval found.
 *
 * @param empty documents without any text, which are left out
 * @param embeddingRate chunks a second from row to embedded chunk; 0 if they were there already
 * @param buildRate chunks a second from rows to search index
 * @param bytes of the search index
 * @param rerankCalibration of the reranker's score; null without a reranker
 */
record RetrievalReport(
        EvaluationProperties properties,
        String model,
        EvaluationTenant.State state,
        int empty,
        int questions,
        double embeddingRate,
        double buildRate,
        long bytes,
        List<Line> lines,
        Calibration calibration,
        Calibration rerankCalibration) {

    /** For the terminal. */
    String text() {
        StringBuilder text = new StringBuilder("\n");
        add(
                text,
                "%s, %s: %d documents (%d more are empty), %d chunks, %d questions",
                properties.collection().getFileName(),
                properties.split(),
                state.indexed(),
                empty,
                state.chunks(),
                questions);
        if (properties.withoutZeroGraded()) {
            add(text, "What is graded 0 is taken out of every ranking.");
        }
        add(text, "%s; mean (95%% interval, bootstrap over questions)%n", model);
        add(text, "%-14s %-23s %-23s %-23s %s", "", "nDCG@10", "recall@100", "MRR", "latency, ms p50 / p99");
        for (Line line : lines) {
            StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-14s", line.name()));
            for (Measure measure : Measure.values()) {
                row.append(String.format(
                        Locale.ROOT, " %-23s", Interval.of(line.values().get(measure), properties.seed())));
            }
            row.append(String.format(
                    Locale.ROOT,
                    " %.1f / %.1f",
                    line.latencies().percentile(0.5),
                    line.latencies().percentile(0.99)));
            add(text, "%s", row);
        }
        compare(text);
        add(
                text,
                "Index: %.0f chunks/s from rows, %.1f MiB on disk%s",
                buildRate,
                bytes / 1048576.0,
                embeddingRate == 0
                        ? "; chunks and vectors were there from an earlier run"
                        : String.format(Locale.ROOT, "; %.1f chunks/s cut, embedded and stored", embeddingRate));
        lines.stream()
                .filter(line -> line.notReranked() > 0)
                .forEach(line -> add(
                        text,
                        "%s: %d of %d questions were not reranked, the log says why; their fused order is in the figures",
                        line.name(),
                        line.notReranked(),
                        questions));
        add(text, "Calibration: %s", calibration);
        if (rerankCalibration != null) {
            add(text, "Calibration of hub.retrieval.rerank.min-score: %s", rerankCalibration);
        }
        return text.toString();
    }

    private void compare(StringBuilder text) {
        Line better = lines.stream()
                .limit(2)
                .max(Comparator.comparingDouble(this::ndcg))
                .orElseThrow();
        text.append('\n');
        lines.stream()
                .skip(2)
                .forEach(line -> add(
                        text,
                        "%s - %s: nDCG@10 %s",
                        line.name(),
                        better.name(),
                        Interval.ofDifference(
                                line.values().get(Measure.NDCG_10),
                                better.values().get(Measure.NDCG_10),
                                properties.seed())));
    }

    private double ndcg(Line line) {
        return Interval.of(line.values().get(Measure.NDCG_10), properties.seed())
                .mean();
    }

    private static void add(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
