package org.caravanserai.document.extraction;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.tika.detect.DefaultDetector;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.TikaException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MediaTypeRegistry;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.parser.microsoft.OfficeParserConfig;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.parser.pdf.PDFParser;
import org.apache.tika.parser.pdf.PDFParserConfig;
import org.apache.tika.sax.SecureContentHandler;
import org.slf4j.LoggerFactory;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/**
 * Reads the text of one file with Tika and ends. A program of its own: a hostile file can hang, fill or crash this
 * process, which the hub kills, and nothing else; and Tika costs the hub neither time nor memory at its start. Nothing
 * embedded is read, no macro, no image; nothing that a file names outside itself is fetched.
 */
public final class ExtractText {

    private static final String PDF = "application/pdf";
    private static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    private static final String HTML = "text/html";
    private static final MediaTypeRegistry TYPES = MediaTypeRegistry.getDefaultRegistry();
    private static final Map<String, String> NAMES = Map.of(
            PDF, "PDF", DOCX, "Word document (.docx)", HTML, "HTML", "text/plain", "text", "text/markdown", "text");
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry(PDF, "a PDF"),
            Map.entry(DOCX, "a Word document (.docx)"),
            Map.entry("application/zip", "an archive"),
            Map.entry("application/gzip", "an archive"),
            Map.entry("application/x-tika-msoffice", "an Office document of the old kind"),
            Map.entry("application/msword", "a Word document of the old kind (.doc)"),
            Map.entry("application/rtf", "a rich-text document (.rtf)"),
            Map.entry("application/x-msdownload", "a program"),
            Map.entry("application/x-elf", "a program"),
            Map.entry("application/vnd.ms-word.document.macroenabled.12", "a Word document with macros (.docm)"));

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
        MediaType found;
        try (InputStream content = TikaInputStream.get(file)) {
            found = new DefaultDetector().detect(content, new Metadata()).getBaseType();
        }
        boolean isText = TYPES.isInstanceOf(found, MediaType.TEXT_PLAIN);
        boolean isUnknown = found.equals(MediaType.OCTET_STREAM);
        String name = NAMES.get(mediaType);
        if (name.equals("text")) {
            return isText || isUnknown
                    ? new Extracted(isText ? Extracted.Outcome.PLAIN : Extracted.Outcome.UNKNOWN, "", "")
                    : wronglyNamed(name, found);
        }
        if (found.toString().equals("application/x-tika-ooxml-protected")) {
            return encrypted(name);
        }
        if (isUnknown || mediaType.equals(DOCX) && found.toString().equals("application/x-tika-ooxml")) {
            return broken(name);
        }
        boolean isAsNamed = mediaType.equals(HTML) ? isText : found.toString().equals(mediaType);
        return isAsNamed
                ? parse(file, mediaType, name, new MarkdownText(maxChars, maxPages))
                : wronglyNamed(name, found);
    }

    private static Extracted parse(Path file, String mediaType, String name, MarkdownText text) throws IOException {
        Metadata metadata = new Metadata();
        metadata.set(Metadata.CONTENT_TYPE, mediaType);
        try (TikaInputStream content = TikaInputStream.get(file)) {
            // ends files whose text is out of proportion to their bytes, or nested without end
            SecureContentHandler bounded = new SecureContentHandler(text, content);
            try {
                parser(mediaType).parse(content, bounded, metadata, context());
            } catch (SAXException ended) {
                if (text.reason().isEmpty()) {
                    bounded.throwIfCauseOf(ended);
                    return broken(name);
                }
            }
        } catch (EncryptedDocumentException password) {
            return encrypted(name);
        } catch (TikaException | IOException | RuntimeException | StackOverflowError unreadable) {
            if (text.reason().isEmpty()) {
                return broken(name);
            }
        }
        if (!text.reason().isEmpty()) {
            return Extracted.refused(text.reason());
        }
        String title = metadata.get(TikaCoreProperties.TITLE);
        return new Extracted(Extracted.Outcome.READ, isTitle(title) ? title : text.heading(), text.text());
    }

    private static Parser parser(String mediaType) {
        return switch (mediaType) {
            case PDF -> new PDFParser();
            case DOCX -> new OOXMLParser();
            default -> new JSoupParser();
        };
    }

    private static ParseContext context() {
        PDFParserConfig pdf = new PDFParserConfig();
        pdf.setOcrStrategy(PDFParserConfig.OCR_STRATEGY.NO_OCR);
        pdf.setExtractInlineImages(false);
        pdf.setExtractActions(false);
        pdf.setParseIncrementalUpdates(false);
        OfficeParserConfig office = new OfficeParserConfig();
        office.setExtractMacros(false);
        office.setUseSAXDocxExtractor(true);
        office.setIncludeDeletedContent(false);
        ParseContext context = new ParseContext();
        context.set(PDFParserConfig.class, pdf);
        context.set(OfficeParserConfig.class, office);
        context.set(EmbeddedDocumentExtractor.class, new NothingEmbedded());
        return context;
    }

    /** Word processors write their own names, or that of the file, where nobody gave a title. */
    private static boolean isTitle(String title) {
        return title != null && !title.isBlank() && !title.strip().matches("(?i)(untitled|microsoft word|slide 1).*");
    }

    private static Extracted encrypted(String name) {
        return Extracted.refused("The " + name + " is encrypted. Upload it without a password.");
    }

    private static Extracted broken(String name) {
        return Extracted.refused("The " + name
                + " is broken and cannot be read. Open it in the program that made it, save it again and upload that.");
    }

    private static Extracted wronglyNamed(String name, MediaType found) {
        return Extracted.refused("The file's name says " + name + ", but it holds "
                + KINDS.getOrDefault(found.toString(), found.toString())
                + ". Upload it under its right name, or save it as " + name + ".");
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
