package org.caravanserai.document;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.caravanserai.document.extraction.Extracted;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.retrieval.Searchable;
import org.springframework.stereotype.Component;

/** Reads the text of a stored file: text files here, everything else in a process of its own. */
@Component
class DocumentReader {

    private static final int BACKSPACE = 8;
    private static final int LAST_BREAK = 13;
    private static final int ESCAPE = 27;
    private static final int UNUSUAL_IN = 20;

    private final ExtractionProcess extraction;
    private final DocumentProperties properties;

    DocumentReader(ExtractionProcess extraction, DocumentProperties properties) {
        this.extraction = extraction;
        this.properties = properties;
    }

    /**
     * @param stopping asked now and then while a slow file is read
     * @return the text; nothing if the hub stops meanwhile
     * @throws PermanentException with a reason for the tenant if there is no text, or too much of it
     */
    Optional<DocumentText> read(String name, String mediaType, InputStream content, BooleanSupplier stopping)
            throws IOException {
        if (!mediaType.equals("text/plain") && !mediaType.equals("text/markdown")) {
            return extraction.run(content, mediaType, stopping).map(extracted -> textOf(name, mediaType, extracted));
        }
        long maxBytes = properties.maxTextSize().toBytes();
        byte[] bytes = content.readNBytes((int) Math.min(Integer.MAX_VALUE - 16, maxBytes + 1));
        Optional<String> unicode = DocumentText.unicode(bytes);
        Optional<String> other = Optional.empty();
        // what it is comes before how long it is: a long film is no text that could be split
        if (unicode.isEmpty() || isDoubtful(unicode.get())) {
            Optional<Extracted> kind = extraction.run(bytes, mediaType, stopping);
            if (kind.isEmpty()) {
                return Optional.empty();
            }
            refuseUnlessRead(kind.get());
            if (kind.get().outcome() == Extracted.Outcome.UNKNOWN && isBinary(bytes)) {
                throw new PermanentException(
                        "The file's name says text, but it holds other data. Upload it under its right name.", null);
            }
            other = kind.map(Extracted::text).filter(text -> !text.isEmpty());
        }
        if (bytes.length > maxBytes) {
            throw new PermanentException(
                    "The file has more than " + maxBytes / (1024 * 1024) + " MiB of text. Split it into smaller files.",
                    null);
        }
        return Optional.of(DocumentText.plain(
                name,
                mediaType,
                unicode.isPresent() ? unicode.get() : other.orElseGet(() -> DocumentText.windows1252(bytes))));
    }

    private static DocumentText textOf(String name, String mediaType, Extracted extracted) {
        refuseUnlessRead(extracted);
        if (!Searchable.isIn(extracted.text()) && mediaType.equals("application/pdf")) {
            throw new PermanentException(
                    "The PDF holds no text; it may be a scan. Upload one with text, made by text recognition or by the"
                            + " program that wrote it.",
                    null);
        }
        return DocumentText.extracted(name, mediaType, extracted);
    }

    private static void refuseUnlessRead(Extracted extracted) {
        if (extracted.outcome() == Extracted.Outcome.REFUSED) {
            throw new PermanentException(extracted.text(), null);
        }
    }

    /** Whether this may be something else than text: then, and only then, a process looks at it. */
    private static boolean isDoubtful(String text) {
        return !text.isEmpty()
                && (text.charAt(0) == '%'
                        || text.charAt(0) == '{'
                        || text.chars().anyMatch(DocumentReader::isUnusual));
    }

    private static boolean isBinary(byte[] bytes) {
        return unusual(bytes) > bytes.length / UNUSUAL_IN;
    }

    /** How many control characters there are that no text has. */
    private static int unusual(byte[] bytes) {
        int count = 0;
        for (byte b : bytes) {
            if (isUnusual(b)) {
                count++;
            }
        }
        return count;
    }

    private static boolean isUnusual(int c) {
        return c >= 0 && c < ' ' && (c < BACKSPACE || c > LAST_BREAK) && c != ESCAPE;
    }
}
