package org.caravanserai.document;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caravanserai.failure.PermanentException;

/** The text of a plain-text or Markdown file. @param title its first heading, or the file's name without extension */
record DocumentText(String title, String text) {

    private static final int MAX_TITLE = 200;
    private static final Pattern HEADING = Pattern.compile("\\A\\s*#\\s+(\\S.{0,400}?)\\s*#*\\s*$", Pattern.MULTILINE);
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

    /**
     * Reads UTF-8, with or without byte order mark; what is no UTF-8 is read as windows-1252, which is what such files
     * mostly are.
     *
     * @throws PermanentException with a reason for the tenant if there is no text, or too much of it
     */
    static DocumentText read(String name, String mediaType, InputStream content, long maxBytes) throws IOException {
        byte[] bytes = content.readNBytes((int) Math.min(Integer.MAX_VALUE - 16, maxBytes + 1));
        if (bytes.length > maxBytes) {
            throw new PermanentException(
                    "The file has more than " + maxBytes / (1024 * 1024) + " MiB of text. Split it into smaller files.",
                    null);
        }
        String text = decode(bytes)
                .replace("\uFEFF", "")
                .replace("\0", "")
                .replace("\r\n", "\n")
                .replace('\r', '\n')
                .strip();
        if (text.isEmpty()) {
            throw new PermanentException("The file holds no text. Upload one that does.", null);
        }
        return new DocumentText(title(name, mediaType, text), text);
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

    private static String title(String name, String mediaType, String text) {
        if (mediaType.equals("text/markdown")) {
            Matcher heading = HEADING.matcher(text.substring(0, Math.min(text.length(), 2000)));
            if (heading.find()) {
                return cut(heading.group(1));
            }
        }
        int dot = name.lastIndexOf('.');
        return cut((dot > 0 ? name.substring(0, dot) : name).replace('_', ' ').replace('-', ' '));
    }

    private static String cut(String title) {
        if (title.length() <= MAX_TITLE) {
            return title;
        }
        int end = Character.isHighSurrogate(title.charAt(MAX_TITLE - 1)) ? MAX_TITLE - 1 : MAX_TITLE;
        return title.substring(0, end);
    }
}
