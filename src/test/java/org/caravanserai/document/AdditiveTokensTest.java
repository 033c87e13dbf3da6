package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdditiveTokensTest {

    private static final TokenCountEstimator TOKENS = new HuggingFaceTokenCountEstimator();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The sauna opens at seven, and closes late.\n# Prices\n\nTen euros (children: 5).",
                "\u684c\u5b50\u5728\u6e2f\u53e3\u3002\u8239\u5728\u665a\u4e0a\u5f00\u3002",
                "a b\u0301 c\u00e9, don't re-use unbelievably-long_words ... and 12.50 \u20ac"
            })
    void countsWhatTheWholeHas(String text) {
        AdditiveTokens added = new AdditiveTokens(TOKENS);
        for (int end = 1; end <= text.length(); end++) {
            String begun = text.substring(0, end);
            assertThat(added.estimateTokenCountInText(begun))
                    .as(begun)
                    .isEqualTo(TOKENS.estimateTokenCountInText(begun));
        }
    }

    /** Minutes, where each chunk is counted again for each line. */
    @Test
    @Timeout(60)
    void aDocumentOfShortLinesIsCutSoon() {
        Chunker chunker = new Chunker(TOKENS);
        TenantSettings.Chunking settings = new TenantSettings.Chunking("markdown", 450, 64);

        assertThat(chunker.split(DocumentText.structured("# a\n".repeat(100_000)), "text/markdown", settings, 5_000))
                .isNotEmpty();
    }
}
