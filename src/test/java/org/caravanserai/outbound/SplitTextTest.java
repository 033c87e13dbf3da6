package org.caravanserai.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SplitTextTest {

    @Test
    void leavesAShortTextWhole() {
        assertThat(SplitText.forChannel("whatsapp", "Yes.")).containsExactly("Yes.");
    }

    @Test
    void cutsOnSentenceBorders() {
        assertThat(SplitText.split("One is here. Two is there. Three is gone.", 28))
                .containsExactly("One is here. Two is there.", "Three is gone.");
    }

    @Test
    void cutsBetweenWordsWhereASentenceIsTooLong() {
        List<String> parts = SplitText.split("alpha beta gamma delta epsilon", 12);

        assertThat(parts).allSatisfy(part -> assertThat(part.length()).isLessThanOrEqualTo(12));
        assertThat(String.join(" ", parts)).isEqualTo("alpha beta gamma delta epsilon");
    }

    @Test
    void cutsATextWithoutAnyBorderAndNoSurrogatePair() {
        List<String> parts = SplitText.split("\ud83d\ude00".repeat(10), 7);

        assertThat(String.join("", parts)).isEqualTo("\ud83d\ude00".repeat(10));
        assertThat(parts).allSatisfy(part -> assertThat(part.length() % 2).isZero());
    }
}
