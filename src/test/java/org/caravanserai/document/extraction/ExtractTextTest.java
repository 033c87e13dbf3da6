package org.caravanserai.document.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractTextTest {

    private static final String PDF = "application/pdf";
    private static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    private static final String HTML = "text/html";
    private static final String CSV = "text/csv";
    private static final String EML = "message/rfc822";
    private static final String OFFICE = "application/vnd.openxmlformats-officedocument.";
    private static final String XLSX = OFFICE + "spreadsheetml.sheet";
    private static final String PPTX = OFFICE + "presentationml.presentation";
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
        assertThat(pdf.pages()).isEqualTo(2);
        assertThat(pdf.places())
                .containsExactly(
                        new Extracted.Place(0, "1"),
                        new Extracted.Place(pdf.text().indexOf("Bring"), "2"));
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
    void tellsEachRowOfAWorkbookWithItsHeaders() throws IOException {
        Extracted workbook = extract(
                XLSX,
                SampleFiles.xlsx(
                        "Prices 2026",
                        List.of(
                                List.of("All prices in pounds"),
                                Arrays.asList("Room", "Price", null, "Note"),
                                Arrays.asList("Single", 80.5, null, "with sauna"),
                                Arrays.asList(null, 120))));

        assertThat(workbook.text())
                .isEqualTo(
                        "# Prices 2026\n\nAll prices in pounds\nRoom: Single; Price: 80.5; Note: with sauna\nPrice: 120\n");
        assertThat(workbook.places()).containsExactly(new Extracted.Place(0, "Prices 2026"));
        assertThat(workbook.author()).isEqualTo("Ann Bee");
        assertThat(workbook.title())
                .as("the name of a sheet is not the workbook's")
                .isEmpty();
    }

    @Test
    void tellsEachRowOfATableWithItsHeaders() throws IOException {
        String semicolons = "Room;Price;Note\nSingle;80,50;\"with sauna;\n and caf\u00e9\"\nDouble;120;\n";

        for (Charset charset : List.of(StandardCharsets.UTF_8, Charset.forName("windows-1252"))) {
            assertThat(extract(CSV, semicolons.getBytes(charset)).text())
                    .isEqualTo(
                            "Room: Single; Price: 80,50; Note: with sauna; and caf\u00e9\nRoom: Double; Price: 120\n");
        }
        assertThat(extract(CSV, ("\ufeff" + semicolons).getBytes(StandardCharsets.UTF_16LE))
                        .text())
                .contains("Room: Double; Price: 120");
        assertThat(extract(CSV, bytes("Name,Age\nAnn,5\nBob,6\n")).text())
                .isEqualTo("Name: Ann; Age: 5\nName: Bob; Age: 6\n");
        assertThat(extract(CSV, bytes("one line without anything")).text()).contains("one line without anything");
        assertThat(extract(CSV, bytes("Name,Place\n")).text()).contains("Name").contains("Place");
    }

    @Test
    void readsTheSlidesOfAPresentation() throws IOException {
        Extracted show = extract(
                PPTX,
                SampleFiles.pptx(List.of(
                        Map.entry("Opening hours", "The sauna opens at seven."),
                        Map.entry("Prices", "A ticket costs five pounds."))));

        assertThat(show.text())
                .isEqualTo("## Opening hours\n\nThe sauna opens at seven.\n\n## Prices\n\nA ticket costs five pounds.");
        assertThat(show.places())
                .containsExactly(
                        new Extracted.Place(0, "1"),
                        new Extracted.Place(show.text().indexOf("## Prices"), "2"));
        assertThat(show.pages()).isEqualTo(2);
    }

    @Test
    void readsTheBestTextOfAMailAndNamesItsAttachments() throws IOException {
        Extracted mail = extract(EML, SampleFiles.eml());

        assertThat(mail.title()).isEqualTo("Caf\u00e9 hours");
        assertThat(mail.author()).isEqualTo("Ann Bee <ann@example.com>");
        assertThat(mail.text())
                .startsWith("Subject: Caf\u00e9 hours\nFrom: Ann Bee <ann@example.com>\nDate: 2026-03-03T09:00:00Z\n")
                .contains("Attachments, not read: prices.pdf, notes.txt")
                .containsOnlyOnce("The caf\u00e9 opens at seven.")
                .doesNotContain("nobody reads this");
        assertRefused(extract(EML, bytes("Dear Ann,\nthis is no mail.")), "but it holds none");
    }

    @Test
    void detectsTheEncodingOfAText() throws IOException {
        Map.of(
                        "windows-1252", "\u201cThe caf\u00e9 is open\u201d, says the na\u00efve fa\u00e7ade painter.",
                        "ISO-8859-2",
                                "Za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105 ja\u017a\u0144. Sauna jest otwarta codziennie od godziny si\u00f3dmej rano.",
                        "ISO-8859-5",
                                "\u0421\u0430\u0443\u043d\u0430 \u043e\u0442\u043a\u0440\u044b\u0442\u0430 \u043a\u0430\u0436\u0434\u044b\u0439 \u0434\u0435\u043d\u044c \u0441 \u0441\u0435\u043c\u0438 \u0443\u0442\u0440\u0430.")
                .forEach((charset, text) ->
                        assertThat(decoded(text, charset)).as(charset).isEqualTo(text));
    }

    private String decoded(String text, String charset) {
        try {
            return extract("text/plain", text.getBytes(Charset.forName(charset)))
                    .text();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void opensNoArchiveAndNoOtherKind() throws Exception {
        assertRefused(extract(DOCX, SampleFiles.nestedArchive(20)), "but it holds an archive");
        assertRefused(extract("text/plain", SampleFiles.nestedArchive(2)), "but it holds an archive");
        assertRefused(extract(XLSX, SampleFiles.docx("Prices", "text")), "but it holds a Word document (.docx)");
        assertRefused(extract(CSV, SampleFiles.pdf(null, null, List.of("text"))), "but it holds a PDF");
        assertRefused(extract(PPTX, SampleFiles.encryptedDocx()), "is encrypted");
    }

    @Test
    void boundsTheRowsOfATable() throws IOException {
        String wide = "a,b\n" + "some text,more text\n".repeat(100_000);

        assertRefused(extract(CSV, bytes(wide)), "more than 1 million characters");
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

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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
