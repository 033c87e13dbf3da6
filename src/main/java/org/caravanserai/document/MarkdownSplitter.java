package org.caravanserai.document;

import dev.langchain4j.data.document.Document;
import dev.langchain4j.data.document.DocumentSplitter;
import dev.langchain4j.data.document.splitter.DocumentSplitters;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.TokenCountEstimator;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text at its headings: a section stays whole where it fits, with the sections below it as far as they do; one
 * that is too long is cut as a text of its own. langchain4j has no such splitter.
 */
final class MarkdownSplitter implements DocumentSplitter {

    /** A section of fewer tokens, such as a heading without text, goes with what follows. */
    private static final int SMALL = 48;

    private final int size;
    private final TokenCountEstimator tokens;
    private final int overlap;

    MarkdownSplitter(int size, int overlap, TokenCountEstimator tokens) {
        this.size = size;
        this.tokens = tokens;
        this.overlap = overlap;
    }

    @Override
    public List<TextSegment> split(Document document) {
        String text = document.text();
        Outline outline = new Outline(DocumentText.structured(text));
        List<Integer> borders = new ArrayList<>(outline.sections());
        borders.add(text.length());
        List<TextSegment> segments = new ArrayList<>();
        int from = 0;
        int to = borders.getFirst();
        int count = count(text, from, to);
        boolean isBare = isBare(text, from, to);
        for (int i = 0; i + 1 < borders.size(); i++) {
            int next = borders.get(i + 1);
            int more = count(text, to, next);
            boolean belongs = outline.level(to) > outline.level(from) || count < SMALL;
            // a word of difference: tokens of two texts add up but for their border
            boolean isNextBare = isBare(text, to, next);
            if (isBare || belongs && count + more < size) {
                count += more;
                isBare &= isNextBare;
            } else {
                add(segments, text.substring(from, to), count);
                from = to;
                count = more;
                isBare = isNextBare;
            }
            to = next;
        }
        add(segments, text.substring(from, to), count);
        return segments;
    }

    /** Whether there is nothing but headings. */
    private static boolean isBare(String text, int from, int to) {
        return body(text.substring(from, to)).isBlank();
    }

    private int count(String text, int from, int to) {
        return text.substring(from, to).isBlank() ? 0 : tokens.estimateTokenCountInText(text.substring(from, to));
    }

    private void add(List<TextSegment> segments, String section, int count) {
        if (count <= size) {
            if (!section.isBlank()) {
                segments.add(TextSegment.from(section.strip()));
            }
            return;
        }
        // no piece may be a heading alone: it goes with the first
        String body = body(section);
        String head = section.substring(0, section.length() - body.length()).strip();
        int room = head.isEmpty() ? size : size - count(head, 0, head.length()) - 1;
        if (room < size / 2) {
            head = "";
            room = size;
            body = section;
        }
        List<TextSegment> pieces = DocumentSplitters.recursive(room, Math.min(overlap, room / 2), tokens)
                .split(Document.from(body.strip()));
        for (int i = 0; i < pieces.size(); i++) {
            segments.add(
                    i > 0 || head.isEmpty()
                            ? pieces.get(i)
                            : TextSegment.from(head + "\n\n" + pieces.get(i).text()));
        }
    }

    /** What follows the headings that a section begins with. */
    private static String body(String section) {
        int at = 0;
        while (at < section.length()) {
            int end = section.indexOf('\n', at);
            int next = end < 0 ? section.length() : end + 1;
            String line = section.substring(at, next);
            if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
                break;
            }
            at = next;
        }
        return section.substring(at);
    }
}
