package org.caravanserai.document.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractTextTest {

    private static final String PDF = "application/pdf";
    private static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    private static final String HTML = "text/html";
    private static final byte[] PROGRAM = program();

    @TempDir
    private Path folder;

    @Test
    void readsThePagesAndTheTitleOfAPdf() throws IOException {
        Extracted pdf =
                extract(PDF, SampleFiles.pdf("Sauna rules", null, List.of("It opens at seven.", "Bring a towel.")));

        assertThat(pdf.outcome()).isEqualTo(Extracted.Outcome.READ);
        assertThat(pdf.title()).isEqualTo("Sauna rules");
        assertThat(pdf.text()).isEqualTo("It opens at seven.\n\nBring a towel.");
    }

    @Test
    void readsHeadingsAndParagraphsOfAWordDocument() throws IOException {
        Extracted docx = extract(DOCX, SampleFiles.docx("Prices", "A ticket costs five pounds.", "Dogs travel free."));

        assertThat(docx.title()).isEqualTo("Prices");
        assertThat(docx.text()).isEqualTo("# Prices\n\nA ticket costs five pounds.\n\nDogs travel free.");
    }

    @Test
    void readsWhatAPersonSeesOfAnHtmlPage() throws IOException {
        Extracted html = extract(HTML, """
                <html><head><title>Ferry</title><style>p {color: red}</style></head><body>
                <script>alert("no")</script><h2>Times</h2><p>Leaves at\n  noon.<br>Back at one.</p>
                <ul><li>Caf\u00e9</li><li>Deck</li></ul><table><tr><td>Adult</td><td>5</td></tr><tr><td>Child</td><td>3</td>
                </tr></table></body></html>""".getBytes(StandardCharsets.UTF_8));

        assertThat(html.title()).isEqualTo("Ferry");
        assertThat(html.text())
                .isEqualTo("## Times\n\nLeaves at noon.\nBack at one.\n\n- Caf\u00e9\n- Deck\n\nAdult 5\nChild 3");
    }

    @Test
    void saysThatAnEncryptedFileIs() throws Exception {
        assertRefused(
                extract(PDF, SampleFiles.pdf(null, "secret", List.of("hidden"))),
                "The PDF is encrypted. Upload it without a password.");
        assertRefused(extract(DOCX, SampleFiles.encryptedDocx()), "is encrypted. Upload it without a password.");
    }

    @Test
    void readsAPdfThatOnlyForbidsChanges() throws IOException {
        assertThat(extract(PDF, SampleFiles.pdf(null, "", List.of("Read me."))).text())
                .isEqualTo("Read me.");
    }

    @Test
    void saysWhatAWronglyNamedFileHolds() throws IOException {
        assertRefused(extract(PDF, PROGRAM), "The file's name says PDF, but it holds a program.");
        assertRefused(
                extract(DOCX, SampleFiles.pdf(null, null, List.of("text"))),
                "The file's name says Word document (.docx), but it holds a PDF.");
        assertRefused(
                extract("text/plain", SampleFiles.pdf(null, null, List.of("text"))),
                "The file's name says text, but it holds a PDF.");
        assertRefused(extract(DOCX, SampleFiles.docm()), "macros (.docm)");
        assertRefused(extract(HTML, PROGRAM), "The file's name says HTML, but it holds a program.");
    }

    @Test
    void takesATextFileForOne() throws IOException {
        assertThat(extract("text/markdown", "{curly} # text".getBytes(StandardCharsets.UTF_8))
                        .outcome())
                .isEqualTo(Extracted.Outcome.PLAIN);
    }

    @Test
    void saysThatABrokenFileIs() throws IOException {
        byte[] pdf = SampleFiles.pdf(null, null, List.of("text"));
        byte[] docx = SampleFiles.docx("Prices", "A ticket costs five pounds.");

        assertRefused(extract(PDF, "%PDF-1.7\nnothing that is one".getBytes(StandardCharsets.UTF_8)), "PDF is broken");
        assertRefused(extract(PDF, Arrays.copyOf(pdf, 100)), "PDF is broken");
        assertThat(extract(DOCX, Arrays.copyOf(docx, docx.length / 2)).outcome())
                .isEqualTo(Extracted.Outcome.REFUSED);
        assertRefused(extract(PDF, new byte[0]), "The file is empty.");
    }

    @Test
    void expandsNoEntitiesAndFetchesNone() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "the secret of the machine");

        Extracted laughs = extract(DOCX, SampleFiles.billionLaughsDocx());
        Extracted reads = extract(DOCX, SampleFiles.docxThatReads(secret.toUri().toString()));

        assertThat(laughs.text()).hasSizeLessThan(1000);
        assertThat(reads.text()).doesNotContain("secret of the machine");
    }

    @Test
    void unpacksNoBomb() throws IOException {
        byte[] bomb = SampleFiles.bombDocx();
        assertThat(bomb).hasSizeLessThan(1024 * 1024);

        assertThat(extract(DOCX, bomb).outcome()).isEqualTo(Extracted.Outcome.REFUSED);
    }

    @Test
    void endsAtItsBounds() throws IOException {
        byte[] pages = SampleFiles.pdf(null, null, Collections.nCopies(6, "text"));
        byte[] text = ("<p>" + "some text ".repeat(200_000)).getBytes(StandardCharsets.UTF_8);

        assertRefused(extract(PDF, pages), "more than 5 pages");
        assertRefused(extract(HTML, text), "more than 1 million characters");
    }

    private Extracted extract(String mediaType, byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("file"), content);
        return ExtractText.extract(file, mediaType, 1024 * 1024, 5);
    }

    private static void assertRefused(Extracted extracted, String reason) {
        assertThat(extracted.outcome()).isEqualTo(Extracted.Outcome.REFUSED);
        assertThat(extracted.text()).contains(reason);
    }

    /** The beginning of a Windows program. */
    private static byte[] program() {
        byte[] bytes = new byte[512];
        bytes[0] = 'M';
        bytes[1] = 'Z';
        bytes[60] = (byte) 0x80;
        bytes[128] = 'P';
        bytes[129] = 'E';
        return bytes;
    }
}
