package org.caravanserai.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MeasureTest {

    private static final Map<String, Integer> GRADES = Map.of("a", 3, "b", 1, "c", 0);

    /** Worked out by hand: (1/log2(2) + 3/log2(4)) / (3/log2(2) + 1/log2(3)). */
    @Test
    void discountsTheGradeByRank() {
        assertThat(Measure.NDCG_10.of(List.of("b", "x", "a"), GRADES)).isCloseTo(2.5 / 3.63093, within(1e-5));
        assertThat(Measure.NDCG_10.of(List.of("a", "b"), GRADES)).isEqualTo(1);
        assertThat(Measure.NDCG_10.of(List.of("c", "x"), GRADES)).isZero();
    }

    @Test
    void countsNothingBeyondItsDepth() {
        List<String> ranking = IntStream.range(0, 120)
                .mapToObj(i -> i == 10 ? "a" : i == 99 ? "b" : "x" + i)
                .toList();

        assertThat(Measure.NDCG_10.of(ranking, GRADES)).isZero();
        assertThat(Measure.RECALL_100.of(ranking, GRADES)).isEqualTo(1);
        assertThat(Measure.RECALL_100.of(ranking.subList(0, 99), GRADES)).isEqualTo(0.5);
        assertThat(Measure.MRR.of(ranking, GRADES)).isEqualTo(1.0 / 11);
    }

    @Test
    void givesTheSameIntervalForTheSameSeed() {
        double[] values = new Random(7).doubles(200).toArray();

        Interval interval = Interval.of(values, 42);

        assertThat(interval).isEqualTo(Interval.of(values, 42)).isNotEqualTo(Interval.of(values, 43));
        assertThat(interval.low()).isBetween(interval.mean() - 0.06, interval.mean() - 0.02);
        assertThat(interval.high()).isBetween(interval.mean() + 0.02, interval.mean() + 0.06);
        assertThat(Interval.ofDifference(values, values, 42)).isEqualTo(new Interval(0, 0, 0));
    }

    @Test
    void partsAnsweredQuestionsFromOthers() {
        Calibration calibration = Calibration.of(List.of(0.8, 0.75, 0.7, 0.5), List.of(0.3, 0.55, 0.6));

        assertThat(calibration.minScore()).isEqualTo(0.61);
        assertThat(calibration.passed()).isEqualTo(0.75);
        assertThat(calibration.refused()).isEqualTo(1);
    }
}
