package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.caravanserai.hostile.Pumped;
import org.caravanserai.retrieval.Terms;
import org.junit.jupiter.api.Test;

/** What this package does with texts of strangers takes no longer than their length explains. */
class HostileTextsTest {

    private final PromptFlags flags = new PromptFlags(new SimpleMeterRegistry());
    private final Terms terms = new Terms();

    @Test
    void noticesInstructions() {
        Pumped.assertLinear(text -> flags.isSuspect("message", text));
    }

    @Test
    void noticesInstructionsInWordsThatGoOn() {
        for (String word :
                List.of("vergiss ", "oublier ", "olvida ", "ignore ", "reveal ", "you are now ", "<|system")) {
            for (String more : List.of("\u00e9", "a\u00e9", "e\u0301", " \u00e9", "a ", "_", "\u00e9\u00a0")) {
                String text = word + more.repeat(10_000);
                assertThat(flags.isSuspect("message", text)).as(word + more).isFalse();
            }
        }
    }

    @Test
    void hidesPersonalData() {
        Pumped.assertLinear(text -> {
            PiiMask mask = PiiMask.ofAll();
            mask.restore(mask.hide(text));
            mask.redact(text);
            PiiMask.wholeUpTo(text);
        });
    }

    @Test
    void readsSentences() {
        Pumped.assertLinear(text -> Sentence.of(1, text));
    }

    @Test
    void findsTermsAndTheLanguage() {
        Pumped.assertLinear(text -> terms.of(text, terms.languageOf(text)));
    }
}
