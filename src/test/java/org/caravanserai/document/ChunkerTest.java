package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkerTest {

    private static final TokenCountEstimator TOKENS = new HuggingFaceTokenCountEstimator();
    private static final String PROSE = IntStream.range(0, 400)
            .mapToObj(i -> "Sentence number " + i + " tells of the harbour, its boats and the weather."
                    + (i % 7 == 6 ? "\n\n" : " "))
            .collect(Collectors.joining());

    private final Chunker chunker = new Chunker(TOKENS);

    @ParameterizedTest
    @ValueSource(strings = {"recursive", "paragraph", "line", "sentence", "word", "unknown"})
    void keepsEveryChunkWithItsTitleWithinTheSize(String strategy) {
        List<String> chunks = split(PROSE, strategy, 450, 64);

        assertThat(chunks).hasSizeGreaterThan(10).allSatisfy(chunk -> assertThat(
                        TOKENS.estimateTokenCountInText("The harbour\n" + chunk))
                .isLessThanOrEqualTo(450));
    }

    @Test
    void losesNothingOfTheText() {
        String chunks = String.join(" ", split(PROSE, "recursive", 450, 64));

        assertThat(IntStream.range(0, 400))
                .allSatisfy(i -> assertThat(chunks).contains("Sentence number " + i + " tells"));
    }

    @Test
    void overlapsNeighbours() {
        List<String> chunks = split(PROSE, "sentence", 200, 64);

        String tail = chunks.getFirst().substring(chunks.getFirst().length() - 50);
        assertThat(chunks.get(1)).contains(tail);
    }

    @Test
    void clampsASizeThatTheEmbeddingModelWouldSplit() {
        assertThat(split(PROSE, "recursive", 5_000, 4_999))
                .allSatisfy(chunk ->
                        assertThat(TOKENS.estimateTokenCountInText(chunk)).isLessThanOrEqualTo(500));
        assertThat(split("A short text.", "recursive", -1, -1)).containsExactly("A short text.");
    }

    @Test
    void givesUpADocumentWithTooManyChunks() {
        DocumentText document = new DocumentText("Long", PROSE.repeat(10));

        assertThatThrownBy(() -> chunker.split(document, new TenantSettings.Chunking("recursive", 100, 0), 20))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("more than 20 chunks");
    }

    @Test
    @Timeout(60)
    void bearsTextWithoutSpaces() {
        String chinese = "\u6e2f\u53e3\u7684\u5929\u6c14\u5f88\u597d".repeat(1_500);

        assertThat(split(chinese, "recursive", 450, 64))
                .allSatisfy(chunk ->
                        assertThat(TOKENS.estimateTokenCountInText(chunk)).isLessThanOrEqualTo(500));
        assertThat(split("x".repeat(300_000), "recursive", 450, 64)).isNotEmpty();
    }

    private List<String> split(String text, String strategy, int size, int overlap) {
        return chunker.split(
                new DocumentText("The harbour", text), new TenantSettings.Chunking(strategy, size, overlap), 5_000);
    }
}
