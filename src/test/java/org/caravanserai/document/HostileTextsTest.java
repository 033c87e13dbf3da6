package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import java.util.List;
import java.util.Set;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.hostile.Pumped;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What this package does with the texts of documents takes no longer than their length explains. */
class HostileTextsTest {

    /** Quicker than the models', whose time is linear too. */
    private static final TokenCountEstimator TOKENS = new TokenCountEstimator() {
        @Override
        public int estimateTokenCountInText(String text) {
            return text.length() / 3 + 1;
        }

        @Override
        public int estimateTokenCountInMessage(ChatMessage message) {
            return 1;
        }

        @Override
        public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
            return 1;
        }
    };

    @Test
    void findsHeadings() {
        Pumped.assertLinear(20_000, text -> new Outline(DocumentText.structured(text)).sections());
    }

    @Test
    void findsALineThatIsNearlyAHeading() {
        String line = "# x" + " ".repeat(995) + "y\n";

        assertThat(new Outline(DocumentText.structured(line.repeat(10_000))).sections())
                .isEmpty();
        assertThat(AtxHeading.of("# x" + " ".repeat(300) + "#".repeat(300), 301))
                .isEqualTo(new AtxHeading(1, "x"));
    }

    @Test
    void readsPlainFiles() {
        Pumped.assertLinear(20_000, text -> {
            try {
                DocumentText.plain("a.md", "text/markdown", text);
            } catch (PermanentException empty) {
                assertThat(empty).hasMessageContaining("no text");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"fixed", "recursive", "paragraph", "markdown", "rows", "line", "sentence", "word"})
    void cuts(String strategy) {
        assertThat(Chunker.STRATEGIES).containsAll(Set.of(strategy));
        Chunker chunker = new Chunker(TOKENS);
        TenantSettings.Chunking settings = new TenantSettings.Chunking(strategy, 450, 64);

        Pumped.assertLinear(1_500, text -> {
            try {
                chunker.split(DocumentText.structured(text), "text/markdown", settings, Integer.MAX_VALUE);
            } catch (PermanentException odd) {
                assertThat(odd).hasMessageContaining("cannot be cut");
            }
        });
    }

    @Test
    void findsWhereChunksAre() {
        Pumped.assertLinear(5_000, text -> {
            Locator locator = new Locator(text + " ".repeat(text.length()) + text);
            for (int from = 0; from < text.length(); from += 900) {
                locator.next(text.substring(from, Math.min(text.length(), from + 1_000)) + "z");
            }
        });
    }

    @Test
    void cleansNames() {
        Pumped.assertLinear(text -> DocumentName.clean("a" + text + "b"));
        assertThat(List.of(DocumentName.clean("a\u200b\u202e\u0007b.md"))).containsExactly("ab.md");
    }
}
