package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.retrieval.Passage;
import org.junit.jupiter.api.Test;

class AnswerMakerTest {

    private final Passage hours = Questions.passage("hours.md", "Open from nine.");
    private final Passage prices = Questions.passage("prices.md", "It costs five.");
    private final AnswerMaker maker = Questions.answers();

    @Test
    void citesThePassagesWhoseNumbersStandInTheText() {
        Answer answer = maker.answer("It costs five. [2] Really five. [2]", call("numbers", hours, prices));

        assertThat(answer.text()).isEqualTo("It costs five. [2] Really five. [2]");
        assertThat(answer.citations())
                .extracting(Citation::index, Citation::documentName)
                .containsExactly(tuple(2, "prices.md"));
        assertThat(answer.outcome()).isEqualTo("answered");
    }

    @Test
    void takesSeveralNumbersInOneMarkerAndDropsThoseThatNameNothing() {
        Answer answer = maker.answer("Both hold [1, 2]. This does not [7].", call("numbers", hours, prices));

        assertThat(answer.text()).isEqualTo("Both hold [1, 2]. This does not.");
        assertThat(answer.citations()).extracting(Citation::index).containsExactly(1, 2);
    }

    @Test
    void stripsTheMarkersButKeepsTheSourcesWhenCitationsAreOff() {
        Answer answer = maker.answer("Open from nine [1].", call("none", hours));

        assertThat(answer.text()).isEqualTo("Open from nine.");
        assertThat(answer.citations()).extracting(Citation::documentName).containsExactly("hours.md");
    }

    @Test
    void appendsTheNamesWhenLinksAreAskedFor() {
        Answer answer = maker.answer("Open from nine [1]. Five [2].", call("links", hours, prices));

        assertThat(answer.text()).isEqualTo("Open from nine [1]. Five [2].\n\n[1] hours.md\n[2] prices.md");
    }

    @Test
    void namesThePageAndTheHeadingsOfASourceThatHasThem() {
        Passage third = Questions.passage("guide.pdf", "3", List.of("Beach", "Boats"), "Boats cost five.");
        Passage sheet = Questions.passage("fees.xlsx", "Prices", null, "Kayak: 15");

        Answer answer = maker.answer("Five [1]. Fifteen [2].", call("links", third, sheet));

        assertThat(answer.text()).endsWith("\n\n[1] guide.pdf, p. 3\n[2] fees.xlsx, Prices");
        assertThat(answer.citations())
                .extracting(Citation::page, Citation::headings)
                .containsExactly(tuple("3", List.of("Beach", "Boats")), tuple("Prices", null));
    }

    @Test
    void leavesBracketsAloneWhenThereWasNoSource() {
        assertThat(maker.answer("Press key [1].", call("numbers")).text()).isEqualTo("Press key [1].");
    }

    @Test
    void saysTheTenantsWordsWhenTheModelHasNoAnswer() {
        Answer answer = maker.answer("NO_ANSWER", call("numbers", hours));

        assertThat(answer.text()).isEqualTo("No idea.");
        assertThat(answer.outcome()).isEqualTo("no_answer");
        assertThat(answer.citations()).isEmpty();
    }

    @Test
    void fallsBackWhenNoModelCouldBeAskedOrItWroteNothing() {
        ModelCall failed = call("numbers", hours);
        failed.fail();

        assertThat(maker.answer("Back soon.", failed).outcome()).isEqualTo("fallback");
        assertThat(maker.answer("  ", call("numbers", hours)).text()).isEqualTo("Back soon.");
        assertThat(maker.answer(null, call("numbers", hours)).outcome()).isEqualTo("fallback");
    }

    @Test
    void boundsTheTextWithoutCuttingACharacter() {
        String long7999 = "x".repeat(AnswerMaker.MAX_TEXT - 1);

        String text = maker.answer(long7999 + "\uD83D\uDE00 and more", call("numbers"))
                .text();

        assertThat(text).isEqualTo(long7999);
    }

    private static ModelCall call(String citations, Passage... passages) {
        return new ModelCall(Questions.of(Questions.citing(citations), "When?"), List.of(passages), null);
    }
}
