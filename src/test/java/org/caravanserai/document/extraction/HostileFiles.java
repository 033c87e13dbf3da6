package org.caravanserai.document.extraction;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small files that want much of whoever reads them. Each is well-formed as far as its trick allows. */
public final class HostileFiles {

    private static final String XML = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    private static final String OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private static final String RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships";
    private static final String TYPES = "http://schemas.openxmlformats.org/package/2006/content-types";
    private static final String SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private static final String SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main";
    private static final String DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main";
    private static final String EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    private static final String POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.";
    private static final int KIB = 1024;

    private HostileFiles() {}

    /** A workbook of 200 KB whose one sheet unpacks to 200 MB of rows. */
    public static byte[] xlsxOfEndlessRows() throws IOException {
        String row = "<row><c t=\"inlineStr\"><is><t>" + "a".repeat(KIB) + "</t></is></c></row>";
        return xlsx(EXCEL + "sheet.main+xml", "<sst xmlns=\"" + SHEETS + "\"/>", row, 200 * KIB);
    }

    /** A workbook of which a single text that cells share unpacks to 200 MB. */
    public static byte[] xlsxOfAnEndlessText() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(("<sst xmlns=\"" + SHEETS + "\"><si><t>").getBytes(StandardCharsets.UTF_8));
        byte[] part = "a".repeat(KIB).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 200 * KIB; i++) {
            text.writeBytes(part);
        }
        text.writeBytes("</t></si></sst>".getBytes(StandardCharsets.UTF_8));
        return xlsx(
                EXCEL + "sheet.main+xml",
                text.toString(StandardCharsets.UTF_8),
                "<row><c t=\"s\"><v>0</v></c></row>",
                1);
    }

    /** A workbook whose shared texts have entities that each stand for ten of the one before. */
    public static byte[] xlsxOfABillionLaughs() throws IOException {
        StringBuilder entities = new StringBuilder("<!ENTITY e0 \"laugh\">");
        for (int i = 1; i < 10; i++) {
            entities.append("<!ENTITY e" + i + " \"" + ("&e" + (i - 1) + ";").repeat(10) + "\">");
        }
        return xlsx(
                EXCEL + "sheet.main+xml",
                "<!DOCTYPE sst [" + entities + "]><sst xmlns=\"" + SHEETS + "\"><si><t>&e9;</t></si></sst>",
                "<row><c t=\"s\"><v>0</v></c></row>",
                1);
    }

    /** A workbook that says of itself that it has macros. */
    public static byte[] xlsm() throws IOException {
        return xlsx(
                "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                "<sst xmlns=\"" + SHEETS + "\"/>",
                "<row><c><v>1</v></c></row>",
                1);
    }

    /** A presentation of so many slides. */
    public static byte[] pptx(int slides) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            StringBuilder types = new StringBuilder(typesHead())
                    .append(override("/ppt/presentation.xml", POWERPOINT + "presentation.main+xml"));
            StringBuilder ids = new StringBuilder();
            StringBuilder relations = new StringBuilder();
            for (int i = 1; i <= slides; i++) {
                types.append(override("/ppt/slides/slide" + i + ".xml", POWERPOINT + "slide+xml"));
                ids.append("<p:sldId id=\"" + (255 + i) + "\" r:id=\"r" + i + "\"/>");
                relations.append(relation("r" + i, "slide", "slides/slide" + i + ".xml"));
            }
            entry(zip, "[Content_Types].xml", types + "</Types>");
            entry(zip, "_rels/.rels", relations(relation("r1", "officeDocument", "ppt/presentation.xml")));
            entry(
                    zip,
                    "ppt/presentation.xml",
                    XML + "<p:presentation xmlns:p=\"" + SLIDES + "\" xmlns:r=\"" + OFFICE + "\"><p:sldIdLst>" + ids
                            + "</p:sldIdLst></p:presentation>");
            entry(zip, "ppt/_rels/presentation.xml.rels", relations(relations.toString()));
            String slide = XML + "<p:sld xmlns:p=\"" + SLIDES + "\" xmlns:a=\"" + DRAWING
                    + "\"><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>A slide.</a:t></a:r></a:p></p:txBody></p:sp>"
                    + "</p:spTree></p:cSld></p:sld>";
            for (int i = 1; i <= slides; i++) {
                entry(zip, "ppt/slides/slide" + i + ".xml", slide);
            }
        }
        return bytes.toByteArray();
    }

    /** A mail of which each part holds the next. @param type of what holds it, multipart/mixed or message/rfc822 */
    public static byte[] emlNested(int depth, String type) {
        StringBuilder mail =
                new StringBuilder("From: ann@example.com\r\nSubject: Deep\r\nDate: Tue, 3 Mar 2026 10:00:00 +0100\r\n"
                        + "MIME-Version: 1.0\r\n");
        for (int i = 0; i < depth; i++) {
            mail.append(
                    type.startsWith("multipart")
                            ? "Content-Type: " + type + "; boundary=b" + i + "\r\n\r\n--b" + i + "\r\n"
                            : "Content-Type: " + type + "\r\n\r\nSubject: Deep\r\n");
        }
        return mail.append("Content-Type: text/plain\r\n\r\nThe bottom.\r\n")
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A mail with so many parts beside each other. */
    public static byte[] emlOfParts(int parts) {
        return ("From: ann@example.com\r\nSubject: Wide\r\nDate: Tue, 3 Mar 2026 10:00:00 +0100\r\n"
                        + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                        + "--b\r\nContent-Type: text/plain\r\n\r\nA part.\r\n".repeat(parts)
                        + "--b--\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] xlsx(String type, String sharedTexts, String row, int rows) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            entry(
                    zip,
                    "[Content_Types].xml",
                    typesHead()
                            + override("/xl/workbook.xml", type)
                            + override("/xl/worksheets/sheet1.xml", EXCEL + "worksheet+xml")
                            + override("/xl/sharedStrings.xml", EXCEL + "sharedStrings+xml")
                            + "</Types>");
            entry(zip, "_rels/.rels", relations(relation("r1", "officeDocument", "xl/workbook.xml")));
            entry(
                    zip,
                    "xl/workbook.xml",
                    XML + "<workbook xmlns=\"" + SHEETS + "\" xmlns:r=\"" + OFFICE
                            + "\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>");
            entry(
                    zip,
                    "xl/_rels/workbook.xml.rels",
                    relations(relation("r1", "worksheet", "worksheets/sheet1.xml")
                            + relation("r2", "sharedStrings", "sharedStrings.xml")));
            entry(zip, "xl/sharedStrings.xml", XML + sharedTexts);
            zip.putNextEntry(new ZipEntry("xl/worksheets/sheet1.xml"));
            zip.write((XML + "<worksheet xmlns=\"" + SHEETS + "\"><sheetData>").getBytes(StandardCharsets.UTF_8));
            byte[] line = row.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < rows; i++) {
                zip.write(line);
            }
            zip.write("</sheetData></worksheet>".getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }

    private static String typesHead() {
        return XML + "<Types xmlns=\"" + TYPES + "\"><Default Extension=\"rels\""
                + " ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>";
    }

    private static String override(String part, String type) {
        return "<Override PartName=\"" + part + "\" ContentType=\"" + type + "\"/>";
    }

    private static String relations(String all) {
        return XML + "<Relationships xmlns=\"" + RELATIONS + "\">" + all + "</Relationships>";
    }

    private static String relation(String id, String type, String target) {
        return "<Relationship Id=\"" + id + "\" Type=\"" + OFFICE + "/" + type + "\" Target=\"" + target + "\"/>";
    }

    private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }
}
