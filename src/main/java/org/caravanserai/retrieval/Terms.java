package org.caravanserai.retrieval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.DelegatingAnalyzerWrapper;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/**
 * Texts as search terms: Unicode normalised, lower case, stemmed, without the most common words, as their language has
 * it. Stateless but for reusable streams.
 */
public final class Terms {

    private static final int MAX_TERMS = 20_000;
    private static final String FIELD = TenantIndex.CONTENT;

    private final Languages languages = new Languages();

    /** For fields named by {@link TenantIndex#content}. */
    private final Analyzer analyzer = new DelegatingAnalyzerWrapper(Analyzer.PER_FIELD_REUSE_STRATEGY) {
        @Override
        protected Analyzer getWrappedAnalyzer(String field) {
            return languages.analyzer(field.substring(FIELD.length()));
        }
    };

    Analyzer analyzer() {
        return analyzer;
    }

    /** The codes of all languages that are told apart. */
    Set<String> languages() {
        return languages.all();
    }

    /** The language that a tenant's setting means. */
    String language(String setting) {
        return languages.known(setting);
    }

    /** The language of a text; {@code otherwise} if that cannot be told for sure. */
    String languageOf(String text, String otherwise) {
        return languages.detect(text, otherwise);
    }

    /** The language of a text; English if that cannot be told for sure. */
    public String languageOf(String text) {
        return languages.detect(text, Languages.ENGLISH);
    }

    /** Each term with its number of occurrences, in order of first occurrence. @param language as {@link #languageOf} */
    public Map<String, Integer> of(String text, String language) {
        return of(text, language, MAX_TERMS);
    }

    Map<String, Integer> of(String text, String language, int maxDistinct) {
        Map<String, Integer> terms = new LinkedHashMap<>();
        try (TokenStream stream = analyzer.tokenStream(FIELD + language, normal(text))) {
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

    /** The one form of characters that look alike, such as ligatures, full-width letters and composed accents. */
    static String normal(String text) {
        String plain =
                text.indexOf('\u00AD') < 0 ? text : text.replace("\u00AD", ""); // a hyphen shown at line ends only
        return Normalizer.isNormalized(plain, Normalizer.Form.NFKC)
                ? plain
                : Normalizer.normalize(plain, Normalizer.Form.NFKC);
    }
}
