package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.caravanserai.document.extraction.Extracted;
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
    @ValueSource(strings = {"auto", "fixed", "recursive", "paragraph", "markdown", "rows", "line", "sentence", "word"})
    void keepsEveryChunkWithItsTitleWithinTheSize(String strategy) {
        List<String> chunks = split(PROSE, strategy, 450, 64);

        assertThat(chunks).hasSizeGreaterThan(10).allSatisfy(chunk -> assertThat(
                        TOKENS.estimateTokenCountInText("The harbour\n" + chunk))
                .isLessThanOrEqualTo(450));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "fixed", "recursive", "paragraph", "sentence", "word"})
    void leavesWholeWhatIsLittleLongerThanTheSize(String strategy) {
        String little = words(480);
        String more = words(520);

        assertThat(split(little, strategy, 450, 64)).containsExactly(little);
        assertThat(split(more, strategy, 450, 64)).hasSizeGreaterThan(1);
        assertThat(split(more, strategy, 500, 64))
                .as("more than the model takes")
                .hasSizeGreaterThan(1);
        assertThat(split(little, strategy, 400, 64)).hasSizeGreaterThan(1);
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

        assertThatThrownBy(() ->
                        chunker.split(document, "text/plain", new TenantSettings.Chunking("recursive", 100, 0), 20))
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

    @Test
    void cutsFixedWindowsThatOverlapByTheirTokens() {
        List<String> chunks = split(PROSE, "fixed", 200, 64);

        assertThat(chunks).hasSizeGreaterThan(20);
        for (int i = 1; i < chunks.size(); i++) {
            String before = chunks.get(i - 1);
            String head = chunks.get(i).substring(0, 150);
            assertThat(before).contains(head);
            assertThat(TOKENS.estimateTokenCountInText(before.substring(before.indexOf(head))))
                    .isBetween(40, 64);
        }
    }

    @Test
    void cutsMarkdownAtItsHeadingsAndSaysWhichTheyAre() {
        String lines = "The ferry leaves at noon and comes back in the evening. ".repeat(6);
        String markdown = "# The harbour\n\nWelcome.\n\n## Ferry\n\n" + lines + "\n\n### Prices\n\nFive pounds.\n\n"
                + "```\n# no heading\n```\n\n## Sauna\n\n" + lines;

        List<Chunker.Chunk> chunks =
                cut(new DocumentText("The harbour", "", 0, true, List.of(), markdown), "text/markdown", "auto", 160, 0);

        assertThat(chunks)
                .extracting(Chunker.Chunk::headings)
                .containsExactly(List.of("The harbour"), List.of("The harbour", "Sauna"));
    }

    @Test
    void saysUnderWhichHeadingAPieceOfALongSectionStands() {
        String lines = "The ferry leaves at noon and comes back in the evening. ".repeat(60);
        DocumentText document =
                new DocumentText("The harbour", "", 0, true, List.of(), "# Ferry\n\n## Times\n\n" + lines);

        List<Chunker.Chunk> chunks = cut(document, "text/markdown", "auto", 200, 30);

        assertThat(chunks).hasSizeGreaterThan(2).allSatisfy(chunk -> assertThat(
                        TOKENS.estimateTokenCountInText(chunk.title() + "\n" + chunk.text()))
                .isLessThanOrEqualTo(200));
        assertThat(chunks.subList(1, chunks.size()))
                .extracting(Chunker.Chunk::title)
                .containsOnly("The harbour > Ferry > Times");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "fixed", "recursive", "paragraph", "markdown", "line", "sentence", "word"})
    void tellsThePageOnWhichAChunkBegins(String strategy) {
        StringBuilder text = new StringBuilder();
        List<Extracted.Place> places = new ArrayList<>();
        for (int page = 1; page <= 20; page++) {
            places.add(new Extracted.Place(text.length(), Integer.toString(page)));
            for (int i = 0; i < 12; i++) {
                text.append("Page ").append(page).append(" has line ").append(i).append(" of text in it.\n");
            }
            text.append("\n");
        }

        List<Chunker.Chunk> chunks = cut(
                new DocumentText("Pages", "", 20, false, places, text.toString()),
                "application/pdf",
                strategy,
                100,
                20);

        assertThat(chunks).hasSizeGreaterThan(20).allSatisfy(chunk -> {
            Matcher first = Pattern.compile("Page\\s+(\\d+)").matcher(chunk.text());
            assertThat(first.find()).isTrue();
            // a window may begin within a line of the page before
            assertThat(Integer.parseInt(first.group(1)) - Integer.parseInt(chunk.page()))
                    .isBetween(0, strategy.equals("fixed") || strategy.equals("word") ? 1 : 0);
        });
    }

    @Test
    void keepsTheRowsOfATableWhole() {
        String rows = IntStream.range(0, 200)
                .mapToObj(i -> "Room: " + i + "; Price: " + i * 10 + "; Note: with a view of the harbour\n")
                .collect(Collectors.joining());

        assertThat(cut(new DocumentText("Rooms", rows), "text/csv", "auto", 120, 60))
                .hasSizeGreaterThan(10)
                .allSatisfy(chunk -> assertThat(chunk.text().lines())
                        .allMatch(line -> line.matches("Room: \\d+; Price: \\d+; Note: with a view of the harbour")));
    }

    /** Sentences of so many tokens in all, about. */
    private static String words(int tokens) {
        String text = ("The boat is in the harbour. ".repeat(tokens / 7)).strip();
        assertThat(TOKENS.estimateTokenCountInText(text)).isBetween(tokens - 7, tokens);
        return text;
    }

    private List<String> split(String text, String strategy, int size, int overlap) {
        return cut(new DocumentText("The harbour", text), "text/plain", strategy, size, overlap).stream()
                .map(Chunker.Chunk::text)
                .toList();
    }

    private List<Chunker.Chunk> cut(DocumentText document, String mediaType, String strategy, int size, int overlap) {
        return chunker.split(document, mediaType, new TenantSettings.Chunking(strategy, size, overlap), 5_000);
    }
}
