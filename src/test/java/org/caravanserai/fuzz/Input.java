package org.caravanserai.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes from outside, in the forms in which readers take them. */
public final class Input {

    private static final Pattern UNIT = Pattern.compile("\\\\u([0-9a-f]{4})");

    private final byte[] bytes;

    Input(byte[] bytes) {
        this.bytes = bytes;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** As UTF-8. A backslash, u and four digits make one UTF-16 unit, so that half a surrogate pair can come. */
    public String text() {
        return UNIT.matcher(new String(bytes, StandardCharsets.UTF_8))
                .replaceAll(
                        unit -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(unit.group(1), 16))));
    }

    /** So many texts: the lines, of which the last has all that is left; those that are missing are empty. */
    public String[] lines(int count) {
        String[] lines = Arrays.copyOf(text().split("\n", count), count);
        for (int i = 0; i < count; i++) {
            lines[i] = lines[i] == null ? "" : lines[i];
        }
        return lines;
    }
}
