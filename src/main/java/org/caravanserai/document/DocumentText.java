package org.caravanserai.document;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caravanserai.failure.PermanentException;

/** The text of a file. @param title its own title or first heading, else the file's name without extension */
record DocumentText(String title, String text) {

    private static final int MAX_TITLE = 300;
    private static final Pattern HEADING = Pattern.compile("\\A\\s*#\\s+(\\S.{0,400}?)\\s*#*\\s*$", Pattern.MULTILINE);
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

    /**
     * Reads UTF-8, with or without byte order mark; what is no UTF-8 is read as windows-1252, which is what such files
     * mostly are.
     *
     * @throws PermanentException with a reason for the tenant if there is no text
     */
    static DocumentText plain(String name, String mediaType, byte[] bytes) {
        String text = decode(bytes)
                .replace("\uFEFF", "")
                .replace("\0", "")
                .replace("\r\n", "\n")
                .replace('\r', '\n')
                .strip();
        return of(name, heading(mediaType, text), text);
    }

    /**
     * @param title as the file itself says; blank to take the file's name
     * @throws PermanentException with a reason for the tenant if there is no text
     */
    static DocumentText of(String name, String title, String text) {
        if (text.isBlank()) {
            throw new PermanentException("The file holds no text. Upload one that does.", null);
        }
        return new DocumentText(cut(title.isBlank() ? nameAsTitle(name) : title), text);
    }

    /** The same under the title that was given with the file, which may be empty. */
    DocumentText titled(String given) {
        return new DocumentText(cut(given.replace("\0", "").strip()), text);
    }

    private static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return new String(bytes, WINDOWS_1252);
        }
    }

    private static String heading(String mediaType, String text) {
        if (mediaType.equals("text/markdown")) {
            Matcher heading = HEADING.matcher(text.substring(0, Math.min(text.length(), 2000)));
            if (heading.find()) {
                return heading.group(1);
            }
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
