package org.caravanserai.document.extraction;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.re2j.Pattern;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.poi.openxml4j.util.ZipSecureFile;
import org.apache.tika.detect.DefaultDetector;
import org.apache.tika.detect.DefaultEncodingDetector;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.TikaException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.PagedText;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.microsoft.OfficeParserConfig;
import org.apache.tika.parser.pdf.PDFParserConfig;
import org.apache.tika.parser.txt.CharsetDetector;
import org.apache.tika.parser.txt.CharsetMatch;
import org.apache.tika.sax.SecureContentHandler;
import org.slf4j.LoggerFactory;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/**
 * Reads the text of one file with Tika and ends. A program of its own: a hostile file can hang, fill or crash this
 * process, which the hub kills, and nothing else; and Tika costs the hub neither time nor memory at its start. Nothing
 * embedded is read but the text of a mail, no macro, no image; nothing that a file names outside itself is fetched.
 */
public final class ExtractText {

    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final Pattern OTHER_CHARSETS = Pattern.compile("ISO-8859-(2|5|6|7|8|9)|windows-125[13456]|KOI8-R");
    private static final Pattern SPACE = Pattern.compile("[\\s\\x00-\\x1f\\x7f]+");
    private static final Pattern NO_TITLE = Pattern.compile("(?i)(untitled|microsoft word|slide 1)");
    private static final int SAMPLE = 64 * 1024;
    /**
     * For finding out what a file is: with POI's own bound of 1,000 a long presentation, which has two or three files for
     * each slide, would count as broken. Tika's parsers set theirs, 10,000.
     */
    private static final int MOST_FILES_IN_ARCHIVE = 100_000;

    private ExtractText() {}

    /** @param args the file, its media type by its name, the most characters, the most pages, where the result goes */
    public static void main(String[] args) throws IOException {
        // it is the hub that logs; the parsers would write of every font
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(Level.OFF);
        }
        // a hub that was killed leaves nobody who would end this
        ProcessHandle.current().parent().ifPresent(hub -> hub.onExit()
                .thenRun(() -> Runtime.getRuntime().halt(1)));
        extract(Path.of(args[0]), args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]))
                .write(Path.of(args[4]));
    }

    /** @return the text, or the reason why there is none */
    static Extracted extract(Path file, String mediaType, int maxChars, int maxPages) throws IOException {
        if (Files.size(file) == 0) {
            return Extracted.refused("The file is empty. Upload one that is not.");
        }
        ZipSecureFile.setMaxFileCount(MOST_FILES_IN_ARCHIVE);
        FileKind kind = FileKind.of(mediaType);
        MediaType found;
        try (InputStream content = TikaInputStream.get(file)) {
            found = new DefaultDetector().detect(content, new Metadata()).getBaseType();
        }
        boolean isUnknown = found.equals(MediaType.OCTET_STREAM);
        if (kind.isText()) {
            return kind.may(found) || isUnknown ? text(file, isUnknown, maxChars) : wronglyNamed(kind, found);
        }
        if (found.toString().equals("application/x-tika-ooxml-protected")) {
            return encrypted(kind);
        }
        if (isUnknown || kind.isOffice() && found.toString().equals("application/x-tika-ooxml")) {
            return broken(kind);
        }
        if (!kind.may(found)) {
            return wronglyNamed(kind, found);
        }
        return kind == FileKind.CSV
                ? TableFile.read(file, charset(file), maxChars)
                : parse(file, kind, maxChars, maxPages);
    }

    /** The text of a file that is not UTF-8; the hub reads the others itself. */
    private static Extracted text(Path file, boolean isUnknown, int maxChars) throws IOException {
        // one that has so many bytes is refused for that
        String text = Files.size(file) > 4L * maxChars ? "" : new String(Files.readAllBytes(file), charset(file));
        return Extracted.plain(isUnknown ? Extracted.Outcome.UNKNOWN : Extracted.Outcome.PLAIN, text);
    }

    /** Of a text that is not Unicode, one of the encodings with a byte a character, by the frequency of letters. */
    private static Charset charset(Path file) throws IOException {
        Charset charset;
        try (TikaInputStream content = TikaInputStream.get(file)) {
            charset = new DefaultEncodingDetector().detect(content, new Metadata());
        }
        if (charset != null && !charset.equals(StandardCharsets.ISO_8859_1) && !charset.equals(WINDOWS_1252)) {
            return charset;
        }
        // what the first detector says of all that it does not know
        try (InputStream content = Files.newInputStream(file)) {
            CharsetMatch match =
                    new CharsetDetector().setText(content.readNBytes(SAMPLE)).detect();
            boolean isOther = match != null && OTHER_CHARSETS.matches(match.getName());
            return isOther ? Charset.forName(match.getName()) : WINDOWS_1252;
        }
    }

    private static Extracted parse(Path file, FileKind kind, int maxChars, int maxPages) throws IOException {
        BoundedText text =
                kind == FileKind.XLSX ? new RowText(maxChars, maxPages) : new MarkdownText(maxChars, maxPages);
        Metadata metadata = new Metadata();
        metadata.set(Metadata.CONTENT_TYPE, kind.mediaType());
        MailParts mail = new MailParts();
        try (TikaInputStream content = TikaInputStream.get(file)) {
            // ends files whose text is out of proportion to their bytes, or nested without end
            SecureContentHandler bounded = new SecureContentHandler(text, content);
            try {
                kind.parser()
                        .parse(
                                content,
                                bounded,
                                metadata,
                                context(kind == FileKind.EML ? mail : new NothingEmbedded()));
            } catch (SAXException ended) {
                if (text.reason().isEmpty()) {
                    bounded.throwIfCauseOf(ended);
                    return broken(kind);
                }
            }
        } catch (EncryptedDocumentException password) {
            return encrypted(kind);
        } catch (TikaException | IOException | RuntimeException | StackOverflowError unreadable) {
            if (text.reason().isEmpty()) {
                return isOfTooManyParts(unreadable)
                        ? Extracted.refused("The " + kind.title() + " has too many parts. Split it into smaller files.")
                        : broken(kind);
            }
        }
        if (!text.reason().isEmpty()) {
            return Extracted.refused(text.reason());
        }
        return kind == FileKind.EML ? mail(text, metadata, mail.attachments()) : read(kind, text, metadata);
    }

    /** Only POI's message says so. */
    private static boolean isOfTooManyParts(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("MAX_FILE_COUNT")) {
                return true;
            }
        }
        return false;
    }

    private static Extracted read(FileKind kind, BoundedText text, Metadata metadata) {
        String title = metadata.get(TikaCoreProperties.TITLE);
        Integer pages = metadata.getInt(PagedText.N_PAGES);
        boolean isPaged = kind == FileKind.PDF || kind == FileKind.DOCX;
        return new Extracted(
                Extracted.Outcome.READ,
                isTitle(title) ? title : text.heading(),
                orEmpty(metadata.get(TikaCoreProperties.CREATOR)),
                text.pages() == 0 && isPaged && pages != null ? Math.max(0, pages) : text.pages(),
                text.places(),
                text.text());
    }

    /** A mail says first whose it is, so that each question about it finds that. */
    private static Extracted mail(BoundedText text, Metadata metadata, List<String> attachments) {
        String subject = orEmpty(metadata.get(TikaCoreProperties.TITLE));
        String from = orEmpty(metadata.get(TikaCoreProperties.CREATOR));
        String date = orEmpty(metadata.get(TikaCoreProperties.CREATED));
        if (subject.isEmpty() && from.isEmpty() && date.isEmpty()) {
            return Extracted.refused(
                    "The file's name says mail (.eml), but it holds none. Upload it under its right name.");
        }
        StringBuilder all = new StringBuilder();
        line(all, "Subject: ", subject);
        line(all, "From: ", from);
        line(all, "Date: ", date);
        line(all, "Attachments, not read: ", String.join(", ", attachments));
        all.append('\n').append(text.text());
        return new Extracted(Extracted.Outcome.READ, subject, from, 0, List.of(), all.toString());
    }

    private static void line(StringBuilder all, String name, String value) {
        if (!value.isBlank()) {
            all.append(name)
                    .append(SPACE.matcher(value).replaceAll(" ").strip())
                    .append('\n');
        }
    }

    private static String orEmpty(String value) {
        return value == null ? "" : value;
    }

    private static ParseContext context(EmbeddedDocumentExtractor embedded) {
        PDFParserConfig pdf = new PDFParserConfig();
        pdf.setOcrStrategy(PDFParserConfig.OCR_STRATEGY.NO_OCR);
        pdf.setExtractInlineImages(false);
        pdf.setExtractActions(false);
        pdf.setParseIncrementalUpdates(false);
        OfficeParserConfig office = new OfficeParserConfig();
        office.setExtractMacros(false);
        office.setUseSAXDocxExtractor(true);
        office.setUseSAXPptxExtractor(true);
        office.setIncludeSlideMasterContent(false);
        office.setIncludeHeadersAndFooters(false);
        office.setIncludeDeletedContent(false);
        ParseContext context = new ParseContext();
        context.set(PDFParserConfig.class, pdf);
        context.set(OfficeParserConfig.class, office);
        context.set(EmbeddedDocumentExtractor.class, embedded);
        return context;
    }

    /** Word processors write their own names, or that of the file, where nobody gave a title. */
    private static boolean isTitle(String title) {
        return title != null
                && !title.isBlank()
                && !NO_TITLE.matcher(title.strip()).lookingAt();
    }

    private static Extracted encrypted(FileKind kind) {
        return Extracted.refused("The " + kind.title() + " is encrypted. Upload it without a password.");
    }

    private static Extracted broken(FileKind kind) {
        return Extracted.refused("The " + kind.title()
                + " is broken and cannot be read. Open it in the program that made it, save it again and upload that.");
    }

    private static Extracted wronglyNamed(FileKind kind, MediaType found) {
        return Extracted.refused("The file's name says " + kind.title() + ", but it holds " + FileKind.describe(found)
                + ". Upload it under its right name, or save it as " + kind.title() + ".");
    }

    private static final class NothingEmbedded implements EmbeddedDocumentExtractor {

        @Override
        public boolean shouldParseEmbedded(Metadata metadata) {
            return false;
        }

        @Override
        public void parseEmbedded(InputStream stream, ContentHandler handler, Metadata metadata, boolean outputHtml) {
            throw new IllegalStateException("nothing embedded is read");
        }
    }
}
