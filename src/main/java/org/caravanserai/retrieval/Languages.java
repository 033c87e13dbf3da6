package org.caravanserai.retrieval;

import com.google.common.base.Optional;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.optimaize.langdetect.DetectedLanguage;
import com.optimaize.langdetect.LanguageDetector;
import com.optimaize.langdetect.LanguageDetectorBuilder;
import com.optimaize.langdetect.i18n.LdLocale;
import com.optimaize.langdetect.ngram.NgramExtractors;
import com.optimaize.langdetect.profiles.LanguageProfile;
import com.optimaize.langdetect.profiles.LanguageProfileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.StopwordAnalyzerBase;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cz.CzechAnalyzer;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.el.GreekAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fi.FinnishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.hu.HungarianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.NorwegianAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.sv.SwedishAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;
import org.springframework.util.function.SingletonSupplier;

/** The languages whose words are stemmed and whose common words are left out, and how a text's language is told. */
final class Languages {

    static final String ENGLISH = "en";

    /** Chinese, Japanese and Korean: cut into pairs of characters, since they write no spaces. */
    static final String CJK = "cjk";

    private static final int LOOKED_AT = 2_000;
    // What is shorter, or less sure, is taken for the tenant's own language: a wrong stemmer costs more than none.
    private static final int SHORTEST = 40;
    private static final double SURE = 0.95;
    // The detector goes by letters, and technical terms are alike in many languages: it is sure that "ferromagnetic
    // techniques for computer stores" is French. In a text up to this length the common words must speak for it too.
    private static final int SHORT = 200;
    private static final Pattern WORD = Pattern.compile("\\p{L}+");

    private final Map<String, Analyzer> analyzers = Map.ofEntries(
            Map.entry("ar", new ArabicAnalyzer()),
            Map.entry(CJK, new CJKAnalyzer()),
            Map.entry("cs", new CzechAnalyzer()),
            Map.entry("da", new DanishAnalyzer()),
            Map.entry("de", new GermanAnalyzer()),
            Map.entry("el", new GreekAnalyzer()),
            Map.entry(ENGLISH, new EnglishAnalyzer()),
            Map.entry("es", new SpanishAnalyzer()),
            Map.entry("fi", new FinnishAnalyzer()),
            Map.entry("fr", new FrenchAnalyzer()),
            Map.entry("hu", new HungarianAnalyzer()),
            Map.entry("it", new ItalianAnalyzer()),
            Map.entry("nl", new DutchAnalyzer()),
            Map.entry("no", new NorwegianAnalyzer()),
            Map.entry("pt", new PortugueseAnalyzer()),
            Map.entry("ro", new RomanianAnalyzer()),
            Map.entry("ru", new RussianAnalyzer()),
            Map.entry("sv", new SwedishAnalyzer()),
            Map.entry("tr", new TurkishAnalyzer()));

    // when it is first needed: its profiles take a part of a start
    private final SingletonSupplier<LanguageDetector> detector =
            SingletonSupplier.of(() -> detector(analyzers.keySet()));

    /** @param language one that {@link #detect} or {@link #known} gave */
    Analyzer analyzer(String language) {
        return analyzers.get(language);
    }

    Set<String> all() {
        return analyzers.keySet();
    }

    /** The language that a setting such as {@code de}, {@code de-AT} or nothing means; English if it is none of ours. */
    String known(String setting) {
        if (setting == null || setting.isBlank()) {
            return ENGLISH;
        }
        String code = Locale.forLanguageTag(setting.strip().replace('_', '-')).getLanguage();
        return switch (code) {
            case "zh", "ja", "ko" -> CJK;
            case "nb", "nn" -> "no";
            default -> analyzers.containsKey(code) ? code : ENGLISH;
        };
    }

    /** The language of a text, by its beginning. @param otherwise what it is if that cannot be told for sure */
    String detect(String text, String otherwise) {
        String start = text.length() > LOOKED_AT ? text.substring(0, LOOKED_AT) : text;
        if (isMostlyEastAsian(start)) {
            return CJK;
        }
        if (start.length() < SHORTEST) {
            return otherwise;
        }
        List<DetectedLanguage> found = detector.obtain().getProbabilities(start);
        if (found.isEmpty() || found.getFirst().getProbability() < SURE) {
            return otherwise;
        }
        String language = known(found.getFirst().getLocale().getLanguage());
        String rival = otherwise == null ? ENGLISH : otherwise;
        boolean isDoubtful = start.length() < SHORT && !language.equals(rival);
        return isDoubtful && commonWords(start, language) <= commonWords(start, rival) ? otherwise : language;
    }

    private long commonWords(String text, String language) {
        CharArraySet common = analyzer(language) instanceof StopwordAnalyzerBase words
                ? words.getStopwordSet()
                : DutchAnalyzer.getDefaultStopSet(); // the only other one
        long count = 0;
        Matcher words = WORD.matcher(text.toLowerCase(Locale.ROOT));
        while (words.find()) {
            count += common.contains(words.group()) ? 1 : 0;
        }
        return count;
    }

    private static boolean isMostlyEastAsian(String text) {
        long letters = text.codePoints().filter(Character::isLetter).count();
        long eastAsian = text.codePoints()
                .filter(c -> switch (Character.UnicodeScript.of(c)) {
                    case HAN, HIRAGANA, KATAKANA, HANGUL -> true;
                    default -> false;
                })
                .count();
        return eastAsian > 0 && eastAsian * 3 > letters;
    }

    private static LanguageDetector detector(Set<String> languages) {
        List<LanguageProfile> profiles = new ArrayList<>();
        try {
            for (String language : languages.stream().sorted().toList()) {
                if (!language.equals(CJK)) {
                    profiles.add(new LanguageProfileReader().readBuiltIn(LdLocale.fromString(language)));
                }
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("the detector brings its profiles", impossible);
        }
        // a fixed seed: the same text always has the same language
        return LanguageDetectorBuilder.create(NgramExtractors.standard())
                .withProfiles(profiles)
                .seed(Optional.of(1L))
                .build();
    }
}
