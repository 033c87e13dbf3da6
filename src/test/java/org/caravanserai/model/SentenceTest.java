package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SentenceTest {

    @Test
    void readsParagraphsListsAndHeadingsOfMarkdown() {
        List<Sentence> sentences = Sentence.of(1, """
                # Bicycles

                We rent **bicycles**. They
                are [new](https://example.org).

                ## Prices
                A day costs:
                - City bicycle: 16 pounds
                - Electric one: 34 pounds
                """);

        assertThat(sentences)
                .extracting(Sentence::inContext)
                .containsExactly(
                        "Bicycles: We rent bicycles.",
                        "Bicycles: They are new.",
                        "Prices, A day costs: City bicycle: 16 pounds",
                        "Prices, A day costs: Electric one: 34 pounds");
    }

    @Test
    void doesNotBreakWithinATime() {
        assertThat(Sentence.of(1, "Open from 9 a.m. to 5 p.m. on weekdays. Closed on Sunday."))
                .extracting(Sentence::text)
                .containsExactly("Open from 9 a.m. to 5 p.m. on weekdays.", "Closed on Sunday.");
    }

    @Test
    void boundsASentenceThatNeverEnds() {
        assertThat(Sentence.of(1, "word ".repeat(1_000)))
                .allSatisfy(sentence -> assertThat(sentence.text()).hasSizeLessThanOrEqualTo(600));
    }
}
