package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.caravanserai.HubProperties;
import org.caravanserai.document.extraction.Extracted;
import org.caravanserai.document.extraction.SampleFiles;
import org.caravanserai.failure.PermanentException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** Reading in a process of its own, and what ends it. */
class DocumentReaderTest {

    private static final String PDF = "application/pdf";

    @TempDir
    private Path home;

    @AfterEach
    void leavesNoFilesBehind() throws IOException {
        Path scratch = home.resolve("extraction");
        if (Files.exists(scratch)) {
            try (Stream<Path> files = Files.list(scratch)) {
                assertThat(files).isEmpty();
            }
        }
    }

    @Test
    void readsAPdfAndTakesItsNameWhereItHasNoTitle() throws IOException {
        DocumentText text = read("sauna-rules.pdf", PDF, SampleFiles.pdf(null, null, List.of("It opens at seven.")));

        assertThat(text)
                .isEqualTo(new DocumentText(
                        "sauna rules", "", 1, false, List.of(new Extracted.Place(0, "1")), "It opens at seven."));
    }

    @Test
    void saysThatAScanHoldsNoText() {
        assertThatThrownBy(() -> read("scan.pdf", PDF, SampleFiles.pdf(null, null, List.of(""))))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("it may be a scan");
    }

    @Test
    void refusesOtherDataThatIsNamedText() {
        byte[] noise = new byte[4096];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) (i * 37);
        }

        assertThatThrownBy(() -> read("a.txt", "text/plain", noise))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("holds other data");
        assertThatThrownBy(() -> read("a.md", "text/markdown", SampleFiles.pdf(null, null, List.of("text"))))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("it holds a PDF");
    }

    @Test
    void readsTextWithAStrayControlCharacter() throws IOException {
        byte[] text = "{opening hours}\0 nine to five".getBytes(StandardCharsets.UTF_8);

        assertThat(read("a.txt", "text/plain", text).text()).isEqualTo("{opening hours} nine to five");
    }

    @Test
    void readsTextInOtherEncodings() throws IOException {
        String cafe = "The caf\u00e9 \u201cHarbour\u201d opens at seven.";
        String polish = "Sauna jest otwarta codziennie, z wyj\u0105tkiem \u015bwi\u0105t, od godziny si\u00f3dmej.";

        assertThat(read("a.txt", "text/plain", ("\ufeff" + cafe).getBytes(StandardCharsets.UTF_16LE))
                        .text())
                .isEqualTo(cafe);
        assertThat(read("a.txt", "text/plain", cafe.getBytes(Charset.forName("windows-1252")))
                        .text())
                .isEqualTo(cafe);
        assertThat(read("a.md", "text/markdown", polish.getBytes(Charset.forName("ISO-8859-2")))
                        .text())
                .isEqualTo(polish);
    }

    @Test
    void refusesATextThatIsTooLong() {
        assertThatThrownBy(() ->
                        read("a.txt", "text/plain", " a".repeat(1024 * 1024).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("more than 1 MiB");
    }

    @Test
    void givesUpWhatTakesTooLong() {
        byte[] slow = "<p>slow ".repeat(2_000_000).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() ->
                        reader(Duration.ofMillis(700), 1024).read("a.html", "text/html", stream(slow), () -> false))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("took longer than");
    }

    @Test
    void givesUpWhatTakesTooMuchMemory() {
        byte[] large = "<p>x".repeat(8_000_000).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() ->
                        reader(Duration.ofSeconds(60), 64).read("a.html", "text/html", stream(large), () -> false))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("more memory than is allowed");
    }

    @Test
    void letsGoWhenTheHubStops() throws IOException {
        byte[] slow = "<p>slow ".repeat(2_000_000).getBytes(StandardCharsets.UTF_8);

        Optional<DocumentText> text =
                reader(Duration.ofSeconds(60), 1024).read("a.html", "text/html", stream(slow), () -> true);

        assertThat(text).isEmpty();
    }

    @Test
    void refusesTenThousandPages() throws IOException {
        byte[] pages = SampleFiles.pdf(null, null, Collections.nCopies(10_000, ""));

        assertThatThrownBy(() -> read("a.pdf", PDF, pages))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("more than 2000 pages");
    }

    private DocumentText read(String name, String mediaType, byte[] content) throws IOException {
        return reader(Duration.ofSeconds(60), 256)
                .read(name, mediaType, stream(content), () -> false)
                .orElseThrow();
    }

    private DocumentReader reader(Duration timeout, int megabytes) {
        HubProperties hub = new HubProperties(home, URI.create("http://localhost"), null, false, false);
        DocumentProperties properties = new DocumentProperties(
                DataSize.ofMegabytes(100),
                DataSize.ofMegabytes(1),
                2000,
                timeout,
                DataSize.ofMegabytes(megabytes),
                5000,
                16,
                5);
        return new DocumentReader(new ExtractionProcess(hub, properties), properties);
    }

    private static ByteArrayInputStream stream(byte[] content) {
        return new ByteArrayInputStream(content);
    }
}
