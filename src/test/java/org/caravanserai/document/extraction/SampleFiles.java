package org.caravanserai.document.extraction;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.poi.poifs.crypt.EncryptionInfo;
import org.apache.poi.poifs.crypt.EncryptionMode;
import org.apache.poi.poifs.crypt.Encryptor;
import org.apache.poi.poifs.filesystem.POIFSFileSystem;
import org.apache.poi.xslf.usermodel.SlideLayout;
import org.apache.poi.xslf.usermodel.XMLSlideShow;
import org.apache.poi.xslf.usermodel.XSLFSlide;
import org.apache.poi.xssf.usermodel.XSSFRow;
import org.apache.poi.xssf.usermodel.XSSFSheet;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.apache.poi.xwpf.usermodel.XWPFDocument;
import org.apache.poi.xwpf.usermodel.XWPFParagraph;

/** Good and bad files, made where they are used. */
public final class SampleFiles {

    private static final String DOCX_TYPE =
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    private static final String DOCM_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml";
    private static final String WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    private SampleFiles() {}

    /** A PDF with a line of text on each page. @param title may be null @param password may be null */
    public static byte[] pdf(String title, String password, List<String> pages) throws IOException {
        try (PDDocument document = new PDDocument();
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            document.getDocumentInformation().setTitle(title);
            PDType1Font font = new PDType1Font(Standard14Fonts.FontName.HELVETICA);
            for (String text : pages) {
                PDPage page = new PDPage();
                document.addPage(page);
                if (!text.isEmpty()) {
                    try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                        content.beginText();
                        content.setFont(font, 12);
                        content.newLineAtOffset(50, 700);
                        content.showText(text);
                        content.endText();
                    }
                }
            }
            if (password != null) {
                document.protect(new StandardProtectionPolicy("owner", password, new AccessPermission()));
            }
            document.save(out);
            return out.toByteArray();
        }
    }

    /** A Word document with a heading and paragraphs. */
    public static byte[] docx(String heading, String... paragraphs) throws IOException {
        try (XWPFDocument document = new XWPFDocument();
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            document.createStyles().addStyle(headingStyle());
            XWPFParagraph first = document.createParagraph();
            first.setStyle("Heading1");
            first.createRun().setText(heading);
            for (String text : paragraphs) {
                document.createParagraph().createRun().setText(text);
            }
            document.write(out);
            return out.toByteArray();
        }
    }

    /** A workbook with one sheet of rows; a cell may be null. */
    public static byte[] xlsx(String sheet, List<List<Object>> rows) throws IOException {
        try (XSSFWorkbook workbook = new XSSFWorkbook();
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            workbook.getProperties().getCoreProperties().setCreator("Ann Bee");
            XSSFSheet first = workbook.createSheet(sheet);
            for (int r = 0; r < rows.size(); r++) {
                XSSFRow row = first.createRow(r);
                for (int c = 0; c < rows.get(r).size(); c++) {
                    Object value = rows.get(r).get(c);
                    if (value instanceof Number number) {
                        row.createCell(c).setCellValue(number.doubleValue());
                    } else if (value != null) {
                        row.createCell(c).setCellValue(value.toString());
                    }
                }
            }
            workbook.createSheet("Empty");
            workbook.write(out);
            return out.toByteArray();
        }
    }

    /** A presentation; each slide has a title and a text, the two parts of an entry. */
    public static byte[] pptx(List<Map.Entry<String, String>> slides) throws IOException {
        try (XMLSlideShow show = new XMLSlideShow();
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            for (Map.Entry<String, String> texts : slides) {
                XSLFSlide slide =
                        show.createSlide(show.getSlideMasters().getFirst().getLayout(SlideLayout.TITLE_AND_CONTENT));
                slide.getPlaceholder(0).setText(texts.getKey());
                slide.getPlaceholder(1).setText(texts.getValue());
            }
            show.write(out);
            return out.toByteArray();
        }
    }

    /** A mail with a text in two forms and two attachments. */
    public static byte[] eml() {
        return """
                From: Ann Bee <ann@example.com>
                To: bob@example.com
                Subject: =?utf-8?q?Caf=C3=A9_hours?=
                Date: Tue, 3 Mar 2026 10:00:00 +0100
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=b

                --b
                Content-Type: multipart/alternative; boundary=c

                --c
                Content-Type: text/plain; charset=iso-8859-1
                Content-Transfer-Encoding: quoted-printable

                The caf=E9 opens at seven.
                --c
                Content-Type: text/html; charset=utf-8

                <html><body><p>The caf&eacute; opens at <b>seven</b>.</p></body></html>
                --c--
                --b
                Content-Type: application/pdf; name=prices.pdf
                Content-Disposition: attachment; filename=prices.pdf
                Content-Transfer-Encoding: base64

                AAAA
                --b
                Content-Type: text/plain
                Content-Disposition: attachment; filename=notes.txt

                nobody reads this
                --b--
                """.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /** An archive that holds an archive, and so on. */
    public static byte[] nestedArchive(int depth) throws IOException {
        byte[] inner = "text".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < depth; i++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
                zip.putNextEntry(new ZipEntry(i + ".zip"));
                zip.write(inner);
                zip.closeEntry();
            }
            inner = bytes.toByteArray();
        }
        return inner;
    }

    /** The same, locked with a password. */
    public static byte[] encryptedDocx() throws Exception {
        try (POIFSFileSystem files = new POIFSFileSystem();
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            Encryptor encryptor = new EncryptionInfo(EncryptionMode.agile).getEncryptor();
            encryptor.confirmPassword("secret");
            try (OutputStream locked = encryptor.getDataStream(files)) {
                locked.write(docx("Prices", "A ticket costs five pounds."));
            }
            files.writeFilesystem(out);
            return out.toByteArray();
        }
    }

    /** A Word document of which ten entities each stand for ten of the one before. */
    public static byte[] billionLaughsDocx() throws IOException {
        StringBuilder entities = new StringBuilder("<!ENTITY e0 \"laugh\">");
        for (int i = 1; i < 10; i++) {
            entities.append("<!ENTITY e" + i + " \"" + ("&e" + (i - 1) + ";").repeat(10) + "\">");
        }
        return zippedDocx(DOCX_TYPE, "<!DOCTYPE d [" + entities + "]>", "&e9;", 1);
    }

    /** A Word document that wants to have a file of the machine in its text. */
    public static byte[] docxThatReads(String url) throws IOException {
        return zippedDocx(DOCX_TYPE, "<!DOCTYPE d [<!ENTITY file SYSTEM \"" + url + "\">]>", "before &file; after", 1);
    }

    /** A small Word document that unpacks to 200 MB. */
    public static byte[] bombDocx() throws IOException {
        return zippedDocx(DOCX_TYPE, "", "a".repeat(1024), 200 * 1024);
    }

    /** A Word document that says of itself that it has macros. */
    public static byte[] docm() throws IOException {
        return zippedDocx(DOCM_TYPE, "", "text", 1);
    }

    private static byte[] zippedDocx(String type, String prologue, String text, int times) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            entry(zip, "[Content_Types].xml", """
                    <?xml version="1.0" encoding="UTF-8"?>
                    <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
                    <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
                    <Override PartName="/word/document.xml" ContentType="%s"/></Types>""".formatted(type));
            entry(zip, "_rels/.rels", """
                    <?xml version="1.0" encoding="UTF-8"?>
                    <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
                    <Relationship Id="r1" Target="word/document.xml"
                    Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
                    </Relationships>""");
            zip.putNextEntry(new ZipEntry("word/document.xml"));
            write(
                    zip,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + prologue + "<w:document xmlns:w=\"" + WORD
                            + "\"><w:body>");
            byte[] paragraph = ("<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>").getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < times; i++) {
                zip.write(paragraph);
            }
            write(zip, "</w:body></w:document>");
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        write(zip, text);
        zip.closeEntry();
    }

    private static void write(ZipOutputStream zip, String text) throws IOException {
        zip.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static org.apache.poi.xwpf.usermodel.XWPFStyle headingStyle() {
        var style = org.openxmlformats.schemas.wordprocessingml.x2006.main.CTStyle.Factory.newInstance();
        style.setStyleId("Heading1");
        style.addNewName().setVal("heading 1");
        return new org.apache.poi.xwpf.usermodel.XWPFStyle(style);
    }
}
