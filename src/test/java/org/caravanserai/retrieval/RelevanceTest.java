package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RelevanceTest {

    private final Relevance relevance = new Relevance(Map.of("room", 9, "bathtub", 1), 10, Set.of("when"));

    @Test
    void countsARareTermMoreThanACommonOne() {
        assertThat(relevance.coverage(Set.of("bathtub"))).isGreaterThan(3 * relevance.coverage(Set.of("room")));
        assertThat(relevance.coverage(Set.of("bathtub", "room", "other"))).isEqualTo(1);
    }

    @Test
    void raisesTheCosineByTheTermsFound() {
        assertThat(relevance.of(0.6, Set.of("bathtub"))).isGreaterThan(relevance.of(0.6, Set.of()));
        assertThat(relevance.of(0.6, Set.of())).isEqualTo(0.6);
        assertThat(relevance.of(0.99, Set.of("bathtub", "room"))).isEqualTo(1);
    }

    @Test
    void goesByTheTermsAloneWhereTheCosineIsNotKnown() {
        assertThat(relevance.of(null, Set.of("bathtub", "room"))).isEqualTo(1);
        assertThat(relevance.of(null, Set.of("bathtub"))).isGreaterThan(relevance.of(null, Set.of("room")));
        assertThat(relevance.of(null, Set.of("other"))).isZero();
    }

    @Test
    void letsNoFunctionWordAndNoWordOfOneDocumentDecideWhereTheCosineIsNotKnown() {
        Relevance ofOne = new Relevance(Map.of("when", 0, "doe", 0, "ferri", 1, "leav", 1), 1, Set.of("when", "doe"));

        assertThat(ofOne.of(null, Set.of("ferri", "leav"))).isEqualTo(1);
        assertThat(ofOne.of(null, Set.of("ferri"))).isEqualTo(0.5);
        assertThat(ofOne.of(null, Set.of("when", "doe"))).isZero();
    }

    @Test
    void isNothingWithoutCosineAndTerms() {
        assertThat(relevance.of(null, Set.of("other"))).isZero();
        assertThat(new Relevance(Map.of(), 10, Set.of()).of(null, Set.of("room")))
                .isZero();
    }
}
