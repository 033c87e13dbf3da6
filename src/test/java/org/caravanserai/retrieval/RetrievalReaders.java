package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;

/** Of what is searched for, and searched in. */
public final class RetrievalReaders {

    private static final Terms TERMS = new Terms();
    private static final int MOST = 100;

    private RetrievalReaders() {}

    public static List<Reader> all() {
        return List.of(new Reader("search-terms", RetrievalReaders::terms));
    }

    private static void terms(Input input) {
        String language = TERMS.languageOf(input.text());
        assertThat(language).isNotNull();
        assertThat(TERMS.of(input.text(), language, MOST)).hasSizeLessThanOrEqualTo(MOST);
    }
}
