package org.caravanserai.retrieval;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.DelegatingAnalyzerWrapper;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.WordlistLoader;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/**
 * Texts as search terms: Unicode normalised, lower case, stemmed, without the most common words, as their language has
 * it. Stateless but for reusable streams.
 */
public final class Terms {

    private static final int MAX_TERMS = 20_000;
    private static final int MAX_BEGINNINGS = 64;
    private static final int SHORT = 4;
    private static final String FIELD = TenantIndex.CONTENT;

    private final Languages languages = new Languages();

    /** For fields named by {@link TenantIndex#content}. */
    private final Analyzer analyzer = new DelegatingAnalyzerWrapper(Analyzer.PER_FIELD_REUSE_STRATEGY) {
        @Override
        protected Analyzer getWrappedAnalyzer(String field) {
            return languages.analyzer(field.substring(FIELD.length()));
        }
    };

    private final Set<String> englishFunctionWords = englishFunctionWords(this);

    Analyzer analyzer() {
        return analyzer;
    }

    /** The codes of all languages that are told apart. */
    Set<String> languages() {
        return languages.all();
    }

    /** The terms of words that say nothing of what a text is about and that its analyzer leaves in. */
    Set<String> functionWords(String language) {
        return language.equals(Languages.ENGLISH) ? englishFunctionWords : Set.of();
    }

    /** Those of Snowball's list: Lucene's own of English is short, since a keyword search ranks better so. */
    private static Set<String> englishFunctionWords(Terms terms) {
        try (Reader list = new InputStreamReader(
                SnowballFilter.class.getResourceAsStream("english_stop.txt"), StandardCharsets.UTF_8)) {
            return WordlistLoader.getSnowballWordSet(list).stream()
                    .flatMap(word -> terms.of(new String((char[]) word), Languages.ENGLISH).keySet().stream())
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException unreadable) {
            throw new UncheckedIOException("a list of Lucene's jar cannot be read", unreadable);
        }
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

    /**
     * How a question's words begin in whatever form a text may have them, the longest first, for a search that knows no
     * language's forms.
     */
    List<String> beginnings(String question, String language, int most) {
        Set<String> functionWords = functionWords(language);
        return of(question, language, MAX_BEGINNINGS).keySet().stream()
                .filter(term -> !functionWords.contains(term))
                .flatMap(term -> language.equals(Languages.CJK)
                        ? term.codePoints().mapToObj(Character::toString)
                        : Stream.of(
                                term.length() > SHORT && "iye".indexOf(term.charAt(term.length() - 1)) >= 0
                                        ? term.substring(0, term.length() - 1)
                                        : term))
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .limit(most)
                .toList();
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
