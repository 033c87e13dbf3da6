package org.caravanserai.retrieval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/** Texts as search terms: lower case, stemmed, without the most common words. Stateless but for reusable streams. */
public final class Terms {

    private static final int MAX_TERMS = 20_000;

    private final Analyzer analyzer = new EnglishAnalyzer();

    Analyzer analyzer() {
        return analyzer;
    }

    /** Each term with its number of occurrences, in order of first occurrence. */
    public Map<String, Integer> of(String text) {
        return of(text, MAX_TERMS);
    }

    Map<String, Integer> of(String text, int maxDistinct) {
        Map<String, Integer> terms = new LinkedHashMap<>();
        try (TokenStream stream = analyzer.tokenStream("content", text)) {
            CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
            stream.reset();
            while (terms.size() < maxDistinct && stream.incrementToken()) {
                terms.merge(term.toString(), 1, Integer::sum);
            }
            if (terms.size() < maxDistinct) {
                stream.end();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("a text in memory can be read", impossible);
        }
        return terms;
    }
}
