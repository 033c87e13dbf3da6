package org.caravanserai.document;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.caravanserai.document.extraction.Extracted;
import org.caravanserai.document.extraction.Extracted.Place;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.retrieval.Searchable;

/**
 * The text of a file.
 *
 * @param title its own title or first heading, else the file's name without extension
 * @param author as the file says; may be empty
 * @param pages how many pages, slides or sheets it has; 0 where there is no such thing
 * @param structured whether lines that begin with # are headings
 * @param places where its pages begin
 */
record DocumentText(String title, String author, int pages, boolean structured, List<Place> places, String text) {

    private static final int MAX_TITLE = 300;
    private static final int LONGEST_HEADING = 401;
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

    DocumentText(String title, String text) {
        this(title, "", 0, false, List.of(), text);
    }

    /** A text with headings, and no more known of it. */
    static DocumentText structured(String text) {
        return new DocumentText("", "", 0, true, List.of(), text);
    }

    /**
     * The text of a plain file.
     *
     * @throws PermanentException with a reason for the tenant if there is none
     */
    static DocumentText plain(String name, String mediaType, String decoded) {
        String text = decoded.replace("\uFEFF", "")
                .replace("\0", "")
                .replace("\r\n", "\n")
                .replace('\r', '\n')
                .strip();
        boolean isMarkdown = mediaType.equals("text/markdown");
        return of(name, heading(isMarkdown, text), "", 0, isMarkdown, List.of(), text);
    }

    /**
     * What was read in a process of its own.
     *
     * @throws PermanentException with a reason for the tenant if there is no text
     */
    static DocumentText extracted(String name, String mediaType, Extracted file) {
        boolean hasHeadings = !mediaType.equals("application/pdf") && !mediaType.equals("message/rfc822");
        return of(name, file.title(), file.author(), file.pages(), hasHeadings, file.places(), file.text());
    }

    /** Decodes UTF-8, with or without byte order mark, and UTF-16 with one; nothing if it is neither. */
    static Optional<String> unicode(byte[] bytes) {
        if (bytes.length > 1 && (bytes[0] == (byte) 0xfe && bytes[1] == (byte) 0xff || isLittleEndianMark(bytes))) {
            return decode(bytes, StandardCharsets.UTF_16).filter(text -> text.indexOf('\0') < 0);
        }
        return decode(bytes, StandardCharsets.UTF_8);
    }

    /** What is no Unicode, and of no other encoding for sure, is mostly this. */
    static String windows1252(byte[] bytes) {
        return new String(bytes, WINDOWS_1252);
    }

    private static boolean isLittleEndianMark(byte[] bytes) {
        return bytes[0] == (byte) 0xff && bytes[1] == (byte) 0xfe;
    }

    private static DocumentText of(
            String name, String title, String author, int pages, boolean structured, List<Place> places, String text) {
        if (!Searchable.isIn(text)) {
            throw new PermanentException("The file holds no text. Upload one that does.", null);
        }
        return new DocumentText(
                cut(title.isBlank() ? nameAsTitle(name) : title), cut(author), pages, structured, places, text);
    }

    /** The same under the title that was given with the file, which may be empty. */
    DocumentText titled(String given) {
        return new DocumentText(cut(given.replace("\0", "").strip()), author, pages, structured, places, text);
    }

    private static Optional<String> decode(byte[] bytes, Charset charset) {
        try {
            return Optional.of(charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException another) {
            return Optional.empty();
        }
    }

    private static String heading(boolean isMarkdown, String text) {
        if (isMarkdown) {
            String line = text.substring(0, Math.min(text.length(), 2000))
                    .stripLeading()
                    .lines()
                    .findFirst()
                    .orElse("");
            AtxHeading heading = AtxHeading.of(line, LONGEST_HEADING);
            return heading == null || heading.level() > 1 ? "" : heading.text();
        }
        return "";
    }

    private static String nameAsTitle(String name) {
        int dot = name.lastIndexOf('.');
        return (dot > 0 ? name.substring(0, dot) : name).replace('_', ' ').replace('-', ' ');
    }

    private static String cut(String title) {
        if (title.length() <= MAX_TITLE) {
            return title;
        }
        int end = Character.isHighSurrogate(title.charAt(MAX_TITLE - 1)) ? MAX_TITLE - 1 : MAX_TITLE;
        return title.substring(0, end);
    }
}
