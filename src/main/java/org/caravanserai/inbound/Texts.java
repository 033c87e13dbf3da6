package org.caravanserai.inbound;

import java.util.regex.Pattern;

/** Makes texts from outside storable without changing what a person sees. */
public final class Texts {

    // PostgreSQL's text has no U+0000, and an unpaired surrogate has no UTF-8.
    private static final Pattern UNSTORABLE =
            Pattern.compile("\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]");

    /** With four bytes for a character, still short enough for an index. */
    private static final int ID_MAX = 512;

    private Texts() {}

    /** Whether an id from outside can be kept as it is: 1 to 512 characters that are not blank and can be stored. */
    public static boolean isId(String id) {
        return id != null && !id.isBlank() && id.length() <= ID_MAX && id.equals(storable(id));
    }

    /** The text with each character that cannot be stored replaced by U+FFFD; null stays null. */
    public static String storable(String text) {
        return text == null ? null : UNSTORABLE.matcher(text).replaceAll("\ufffd");
    }

    /** As {@link #storable}, cut to a number of characters, never inside a surrogate pair. */
    public static String storable(String text, int maxLength) {
        String clean = storable(text);
        if (clean == null || clean.length() <= maxLength) {
            return clean;
        }
        int end = Character.isHighSurrogate(clean.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
        return clean.substring(0, end);
    }
}
