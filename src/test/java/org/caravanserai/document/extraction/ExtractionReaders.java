package org.caravanserai.document.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;

/** Of uploads that the process of their own reads. */
public final class ExtractionReaders {

    private static final int CHARS_MAX = 1024 * 1024;
    private static final int PAGES_MAX = 50;

    private ExtractionReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("extract-html", input -> extract(input, "text/html")),
                new Reader("extract-csv", input -> extract(input, "text/csv")),
                new Reader("extract-mail", input -> extract(input, "message/rfc822")),
                new Reader("extract-pdf", input -> extract(input, "application/pdf")));
    }

    private static void extract(Input input, String mediaType) throws IOException {
        Path file = Files.createTempFile("fuzz", ".bin");
        try {
            Files.write(file, input.bytes());
            Extracted read = ExtractText.extract(file, mediaType, CHARS_MAX, PAGES_MAX);
            assertThat(read.outcome()).isNotNull();
            assertThat(read.text().length()).isLessThanOrEqualTo(2 * CHARS_MAX);
            assertThat(read.pages()).isLessThanOrEqualTo(PAGES_MAX);
            assertThat(read.places()).allSatisfy(place -> assertThat(place.offset())
                    .isBetween(0, read.text().length()));
        } finally {
            Files.delete(file);
        }
    }
}
