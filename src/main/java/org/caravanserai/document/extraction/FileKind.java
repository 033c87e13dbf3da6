package org.caravanserai.document.extraction;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MediaTypeRegistry;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.parser.mail.RFC822Parser;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.parser.pdf.PDFParser;

/** The kinds of files that are read, by the media type that a file's name says. */
enum FileKind {
    PDF("PDF", "application/pdf", "a PDF", PDFParser::new),
    DOCX(
            "Word document (.docx)",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "a Word document (.docx)",
            OOXMLParser::new),
    PPTX(
            "presentation (.pptx)",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "a presentation (.pptx)",
            OOXMLParser::new),
    XLSX(
            "workbook (.xlsx)",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "a workbook (.xlsx)",
            OOXMLParser::new),
    EML("mail (.eml)", "message/rfc822", "a mail (.eml)", RFC822Parser::new),
    HTML("HTML", "text/html", "a web page", JSoupParser::new),
    CSV("CSV", "text/csv", "a table (.csv)", null),
    MARKDOWN("text", "text/markdown", "text", null),
    TEXT("text", "text/plain", "text", null);

    private static final MediaTypeRegistry TYPES = MediaTypeRegistry.getDefaultRegistry();
    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("application/zip", "an archive"),
            Map.entry("application/gzip", "an archive"),
            Map.entry("application/x-7z-compressed", "an archive"),
            Map.entry("application/x-rar-compressed", "an archive"),
            Map.entry("application/x-tika-msoffice", "an Office document of the old kind"),
            Map.entry("application/msword", "a Word document of the old kind (.doc)"),
            Map.entry("application/vnd.ms-excel", "a workbook of the old kind (.xls)"),
            Map.entry("application/vnd.ms-powerpoint", "a presentation of the old kind (.ppt)"),
            Map.entry("application/rtf", "a rich-text document (.rtf)"),
            Map.entry("application/x-msdownload", "a program"),
            Map.entry("application/x-elf", "a program"),
            Map.entry("application/vnd.ms-word.document.macroenabled.12", "a Word document with macros (.docm)"),
            Map.entry("application/vnd.ms-excel.sheet.macroenabled.12", "a workbook with macros (.xlsm)"),
            Map.entry(
                    "application/vnd.ms-powerpoint.presentation.macroenabled.12",
                    "a presentation with macros (.pptm)"));

    private final String title;
    private final String mediaType;
    private final String description;
    private final Supplier<Parser> parser;

    FileKind(String title, String mediaType, String description, Supplier<Parser> parser) {
        this.title = title;
        this.mediaType = mediaType;
        this.description = description;
        this.parser = parser;
    }

    /** @throws IllegalArgumentException for a type that no name leads to */
    static FileKind of(String mediaType) {
        return Arrays.stream(values())
                .filter(kind -> kind.mediaType.equals(mediaType))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such files are read: " + mediaType));
    }

    /** How a reason names such a file. */
    String title() {
        return title;
    }

    String mediaType() {
        return mediaType;
    }

    Parser parser() {
        return parser.get();
    }

    boolean isText() {
        return this == TEXT || this == MARKDOWN;
    }

    boolean isOffice() {
        return this == DOCX || this == PPTX || this == XLSX;
    }

    /** Whether bytes that were found to be of this type may be such a file. Text has no marks of what it is. */
    boolean may(MediaType found) {
        return found.toString().equals(mediaType)
                || (isText() || this == HTML || this == CSV || this == EML) && isText(found);
    }

    static boolean isText(MediaType found) {
        return TYPES.isInstanceOf(found, MediaType.TEXT_PLAIN)
                || found.toString().equals(EML.mediaType);
    }

    /** What a file of the type is, in words. */
    static String describe(MediaType found) {
        return Arrays.stream(values())
                .filter(kind -> kind.mediaType.equals(found.toString()))
                .map(kind -> kind.description)
                .findFirst()
                .orElseGet(() -> OTHERS.getOrDefault(found.toString(), found.toString()));
    }
}
