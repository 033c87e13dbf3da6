package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.Test;

class FusionTest {

    private static final LinkedHashMap<Integer, Float> VECTOR = leg(1, 0.9f, 2, 0.7f, 3, 0.5f);
    private static final LinkedHashMap<Integer, Float> KEYWORD = leg(3, 12f, 4, 8f, 1, 2f);

    @Test
    void addsNormalisedScoresByWeight() {
        Map<Integer, Double> fused = fuse(VECTOR, KEYWORD, settings(0.7, 0.3, "weighted"));

        assertThat(fused.get(1)).isCloseTo(0.7, within(1e-6));
        assertThat(fused.get(2)).isCloseTo(0.35, within(1e-6));
        assertThat(fused.get(3)).isCloseTo(0.3, within(1e-6));
        assertThat(fused.get(4)).isCloseTo(0.3 * 0.6, within(1e-6));
    }

    @Test
    void scalesWeightsThatDoNotAddUpToOne() {
        assertThat(fuse(VECTOR, KEYWORD, settings(7, 3, "weighted")))
                .isEqualTo(fuse(VECTOR, KEYWORD, settings(0.7, 0.3, "weighted")));
    }

    @Test
    void goesByRanksWhenAsked() {
        Map<Integer, Double> fused = fuse(VECTOR, KEYWORD, settings(1, 1, "rrf"));

        assertThat(fused.get(1)).isCloseTo((1 + 61.0 / 63) / 2, within(1e-9));
        assertThat(fused.get(3)).isCloseTo((61.0 / 63 + 1) / 2, within(1e-9));
        assertThat(fused.get(4)).isCloseTo(61.0 / 62 / 2, within(1e-9));
    }

    @Test
    void leavesOutALegWithoutWeight() {
        assertThat(fuse(VECTOR, KEYWORD, settings(0, 1, "weighted"))).containsOnlyKeys(1, 3, 4);
    }

    @Test
    void bearsEmptyLegsAndEqualScores() {
        assertThat(fuse(leg(), leg(), settings(0.7, 0.3, "weighted"))).isEmpty();
        assertThat(fuse(leg(1, 0.5f, 2, 0.5f), leg(), settings(0.7, 0.3, "weighted")))
                .containsEntry(1, 0.7)
                .containsEntry(2, 0.7);
    }

    @Test
    void putsWhatOneLegMissedWhereItBelongsOnThatLegsScale() {
        Legs legs = new Legs(VECTOR, KEYWORD, Map.of(4, 0.3f), Map.of(2, 0f));

        Map<Integer, Double> fused = Fusion.fuse(legs, settings(0.7, 0.3, "weighted"));

        assertThat(fused.get(4)).isCloseTo(0.7 * -0.5 + 0.3 * 0.6, within(1e-6));
        assertThat(fused.get(2)).isCloseTo(0.7 * 0.5 + 0.3 * -0.2, within(1e-6));
        assertThat(Fusion.fuse(legs, settings(0, 1, "weighted"))).containsOnlyKeys(1, 3, 4);
    }

    private static Map<Integer, Double> fuse(
            LinkedHashMap<Integer, Float> vector,
            LinkedHashMap<Integer, Float> keyword,
            TenantSettings.Retrieval settings) {
        return Fusion.fuse(new Legs(vector, keyword, Map.of(), Map.of()), settings);
    }

    private static TenantSettings.Retrieval settings(double vector, double keyword, String fusion) {
        return new TenantSettings.Retrieval(true, 5, vector, keyword, fusion, null, "numbers");
    }

    private static LinkedHashMap<Integer, Float> leg(Object... pairs) {
        LinkedHashMap<Integer, Float> leg = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            leg.put((Integer) pairs[i], (Float) pairs[i + 1]);
        }
        return leg;
    }
}
