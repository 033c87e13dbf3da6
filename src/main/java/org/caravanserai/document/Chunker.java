package org.caravanserai.document;

import dev.langchain4j.data.document.Document;
import dev.langchain4j.data.document.DocumentSplitter;
import dev.langchain4j.data.document.splitter.DocumentByLineSplitter;
import dev.langchain4j.data.document.splitter.DocumentByParagraphSplitter;
import dev.langchain4j.data.document.splitter.DocumentBySentenceSplitter;
import dev.langchain4j.data.document.splitter.DocumentByWordSplitter;
import dev.langchain4j.data.document.splitter.DocumentSplitters;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.TokenCountEstimator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.retrieval.Searchable;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/**
 * Cuts a text into chunks that, title included, the embedding model takes in one piece: it splits above 510 tokens and
 * averages the pieces, which blurs them.
 */
@Component
public class Chunker {

    /** What {@code settings.chunking.strategy} may be; {@code auto} goes by the type of the document. */
    public static final Set<String> STRATEGIES =
            Set.of("auto", "fixed", "recursive", "paragraph", "markdown", "rows", "line", "sentence", "word");

    /**
     * A piece of a document.
     *
     * @param title the document's, and the headings that the piece stands under, as far as it does not begin with them
     * @param headings all that it stands under, the outermost first
     * @param page the page or slide, or the name of the sheet, on which it begins; null where there is no such thing
     */
    record Chunk(String title, String text, List<String> headings, String page) {}

    private static final int MAX_SIZE = 500;
    private static final int MIN_SIZE = 32;
    // what a model takes in one piece, but for the prefix that some want
    private static final int ONE_PIECE = 506;
    private static final int CHARACTERS_A_TOKEN_AT_MOST = 20;
    private static final Set<String> UNCUT_IF_SHORT = Set.of("fixed", "recursive", "paragraph", "sentence", "word");
    private static final int HEADINGS_FROM = 160;
    private static final int HEADINGS_ROOM = 40;
    private static final String BELOW = " > ";
    // A text is split block by block, so that a long one is given up at the bound instead of being split whole first.
    private static final int BLOCK = 100_000;

    private final TokenCountEstimator tokens;

    Chunker(@Lazy TokenCountEstimator tokens) {
        this.tokens = tokens;
    }

    /**
     * @param mediaType of the document, which says how it is cut unless the settings do
     * @return the chunks in order, none blank
     * @throws PermanentException with a reason for the tenant if there are more than {@code maxChunks}
     */
    List<Chunk> split(DocumentText document, String mediaType, TenantSettings.Chunking settings, int maxChunks) {
        int size = Math.clamp(settings.size(), MIN_SIZE, MAX_SIZE);
        Outline outline = new Outline(document);
        int headings = size < HEADINGS_FROM || outline.sections().isEmpty() ? 0 : HEADINGS_ROOM;
        int room = Math.max(MIN_SIZE / 2, size - count(document.title()) - 1 - headings);
        int overlap = Math.clamp(settings.overlap(), 0, room / 2);
        String strategy = strategy(settings.strategy(), mediaType);
        if (UNCUT_IF_SHORT.contains(strategy)
                && isLittleLonger(document.text(), room, Math.min(size + size / 8, ONE_PIECE) - size)) {
            return List.of(chunk(document, outline, document.text().strip(), 0, headings));
        }
        DocumentSplitter splitter = splitter(strategy, room, overlap);
        Locator locator = new Locator(document.text());
        List<Chunk> chunks = new ArrayList<>();
        for (String block : blocks(document.text())) {
            for (TextSegment segment : cut(splitter, Squeezed.of(block))) {
                if (Searchable.isIn(segment.text())) {
                    chunks.add(chunk(document, outline, segment.text(), locator.next(segment.text()), headings));
                }
            }
            if (chunks.size() > maxChunks) {
                throw new PermanentException(
                        "The document has more than " + maxChunks + " chunks. Split it into smaller files.", null);
            }
        }
        return chunks;
    }

    private static List<TextSegment> cut(DocumentSplitter splitter, String block) {
        try {
            return splitter.split(Document.from(block));
        } catch (RuntimeException odd) {
            throw new PermanentException(
                    "The text of the document cannot be cut into chunks. Save it again in a simpler form.", odd);
        }
    }

    /** A text just beyond the size stays whole: its last lines alone would be a chunk that says little. */
    private boolean isLittleLonger(String text, int room, int more) {
        return !text.isBlank()
                && text.length() <= CHARACTERS_A_TOKEN_AT_MOST * (room + more)
                && count(text) <= room + more;
    }

    private Chunk chunk(DocumentText document, Outline outline, String text, int at, int headingsRoom) {
        List<String> headings = outline.headingsAt(at);
        // what the piece begins with need not be said before it; the first heading is mostly the title itself
        List<String> above = headings.stream()
                .filter(heading -> !heading.equalsIgnoreCase(document.title()))
                .filter(heading -> !text.lines().findFirst().orElse("").contains(heading))
                .toList();
        String path = String.join(BELOW, above);
        while (!above.isEmpty() && count(BELOW + path) > headingsRoom) {
            above = above.subList(1, above.size());
            path = String.join(BELOW, above);
        }
        String title = Stream.of(document.title(), path)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(BELOW));
        return new Chunk(title, text, headings, outline.pageAt(at));
    }

    private int count(String text) {
        return tokens.estimateTokenCountInText(text);
    }

    private static String strategy(String chosen, String mediaType) {
        if (!chosen.equals("auto")) {
            return chosen;
        }
        if (mediaType.equals("text/csv") || mediaType.endsWith("spreadsheetml.sheet")) {
            return "rows";
        }
        boolean hasHeadings = mediaType.equals("text/markdown")
                || mediaType.equals("text/html")
                || mediaType.endsWith("wordprocessingml.document")
                || mediaType.endsWith("presentationml.presentation");
        return hasHeadings ? "markdown" : "recursive";
    }

    private DocumentSplitter splitter(String strategy, int size, int overlap) {
        TokenCountEstimator added = new AdditiveTokens(tokens);
        return switch (strategy) {
            case "fixed" -> new FixedTokenSplitter(size, overlap, tokens);
            case "markdown" -> new MarkdownSplitter(size, overlap, added);
            // a row says all that it has to say: none is told twice
            case "rows" -> new DocumentByLineSplitter(size, 0, added);
            case "paragraph" -> new DocumentByParagraphSplitter(size, overlap, added);
            case "line" -> new DocumentByLineSplitter(size, overlap, added);
            case "sentence" -> new DocumentBySentenceSplitter(size, overlap, added);
            case "word" -> new DocumentByWordSplitter(size, overlap, added);
            default -> DocumentSplitters.recursive(size, overlap, added);
        };
    }

    /** Cuts at paragraphs, else lines, else words, else anywhere but within a character. */
    private static List<String> blocks(String text) {
        List<String> blocks = new ArrayList<>();
        int from = 0;
        while (text.length() - from > BLOCK) {
            int to = from + BLOCK;
            for (String border : List.of("\n\n", "\n", " ")) {
                int found = text.lastIndexOf(border, from + BLOCK);
                if (found > from + BLOCK / 2) {
                    to = found;
                    break;
                }
            }
            if (Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            addUnlessBlank(blocks, text.substring(from, to));
            from = to;
        }
        addUnlessBlank(blocks, text.substring(from));
        return blocks;
    }

    private static void addUnlessBlank(List<String> blocks, String block) {
        if (Searchable.isIn(block)) {
            blocks.add(block);
        }
    }
}
