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
import org.caravanserai.failure.PermanentException;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/**
 * Cuts a text into chunks that, title included, the embedding model takes in one piece: it splits above 510 tokens and
 * averages the pieces, which blurs them.
 */
@Component
public class Chunker {

    /** What {@code settings.chunking.strategy} may be. */
    public static final Set<String> STRATEGIES = Set.of("recursive", "paragraph", "line", "sentence", "word");

    private static final int MAX_SIZE = 500;
    private static final int MIN_SIZE = 32;
    // A text is split block by block, so that a long one is given up at the bound instead of being split whole first.
    private static final int BLOCK = 100_000;

    private final TokenCountEstimator tokens;

    Chunker(@Lazy TokenCountEstimator tokens) {
        this.tokens = tokens;
    }

    /**
     * @return the chunks in order, none blank
     * @throws PermanentException with a reason for the tenant if there are more than {@code maxChunks}
     */
    List<String> split(DocumentText document, TenantSettings.Chunking settings, int maxChunks) {
        int size = Math.clamp(settings.size(), MIN_SIZE, MAX_SIZE);
        int room = Math.max(MIN_SIZE / 2, size - tokens.estimateTokenCountInText(document.title()) - 1);
        int overlap = Math.clamp(settings.overlap(), 0, room / 2);
        DocumentSplitter splitter = splitter(settings.strategy(), room, overlap);
        List<String> chunks = new ArrayList<>();
        for (String block : blocks(document.text())) {
            for (TextSegment segment : splitter.split(Document.from(block))) {
                if (!segment.text().isBlank()) {
                    chunks.add(segment.text());
                }
            }
            if (chunks.size() > maxChunks) {
                throw new PermanentException(
                        "The document has more than " + maxChunks + " chunks. Split it into smaller files.", null);
            }
        }
        return chunks;
    }

    private DocumentSplitter splitter(String strategy, int size, int overlap) {
        return switch (strategy) {
            case "paragraph" -> new DocumentByParagraphSplitter(size, overlap, tokens);
            case "line" -> new DocumentByLineSplitter(size, overlap, tokens);
            case "sentence" -> new DocumentBySentenceSplitter(size, overlap, tokens);
            case "word" -> new DocumentByWordSplitter(size, overlap, tokens);
            default -> DocumentSplitters.recursive(size, overlap, tokens);
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
        if (!block.isBlank()) {
            blocks.add(block);
        }
    }
}
