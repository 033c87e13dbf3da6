package org.caravanserai.document;

import dev.langchain4j.data.document.Document;
import dev.langchain4j.data.document.DocumentSplitter;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.TokenCountEstimator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.retrieval.Searchable;

/**
 * Cuts a text into windows of so many tokens, each beginning with the last so many of the one before, wherever that is,
 * but not within a word that fits. langchain4j's own splitters all look for a border in the text. Tokens are counted word
 * by word, as the embedding models' tokenizers cut at spaces first.
 */
final class FixedTokenSplitter implements DocumentSplitter {

    private static final int REMEMBERED = 50_000;

    private final int size;
    private final int overlap;
    private final TokenCountEstimator tokens;

    private record Word(int from, int to, int tokens) {}

    FixedTokenSplitter(int size, int overlap, TokenCountEstimator tokens) {
        this.size = size;
        this.overlap = overlap;
        this.tokens = tokens;
    }

    @Override
    public List<TextSegment> split(Document document) {
        String text = document.text();
        List<Word> words = words(text);
        List<TextSegment> segments = new ArrayList<>();
        int from = 0;
        while (from < words.size()) {
            int to = from;
            int sum = 0;
            while (to < words.size() && sum + words.get(to).tokens() <= size) {
                sum += words.get(to).tokens();
                to++;
            }
            to = Math.max(to, from + 1);
            String segment =
                    text.substring(words.get(from).from(), words.get(to - 1).to());
            if (Searchable.isIn(segment)) {
                segments.add(TextSegment.from(segment));
            }
            if (to == words.size()) {
                break;
            }
            int next = to;
            int shared = 0;
            while (next - 1 > from && shared + words.get(next - 1).tokens() <= overlap) {
                next--;
                shared += words.get(next).tokens();
            }
            from = next;
        }
        return segments;
    }

    private List<Word> words(String text) {
        Map<String, Integer> counted = new HashMap<>();
        List<Word> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
                continue;
            }
            int from = at;
            while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            add(words, text, from, at, counted);
        }
        return words;
    }

    /** A word that alone is too long is cut in half until its parts fit. */
    private void add(List<Word> words, String text, int from, int to, Map<String, Integer> counted) {
        String word = text.substring(from, to);
        Integer known = counted.get(word);
        int count = known == null ? Math.max(1, tokens.estimateTokenCountInText(word)) : known;
        if (known == null && counted.size() < REMEMBERED) {
            counted.put(word, count);
        }
        int middle = from + (to - from) / 2;
        if (middle > from && Character.isHighSurrogate(text.charAt(middle - 1))) {
            middle--;
        }
        if (count > Math.max(1, size / 4) && middle > from) {
            add(words, text, from, middle, counted);
            add(words, text, middle, to, counted);
        } else {
            words.add(new Word(from, to, count));
        }
    }
}
