package org.caravanserai.inbound;

/** Makes texts from outside storable without changing what a person sees. */
public final class Texts {

    private static final char REPLACEMENT = '\ufffd';

    /** With four bytes for a character, still short enough for an index. */
    private static final int ID_MAX = 512;

    private Texts() {}

    /** Whether an id from outside can be kept as it is: 1 to 512 characters that are not blank and can be stored. */
    public static boolean isId(String id) {
        return id != null && !id.isBlank() && id.length() <= ID_MAX && id.equals(storable(id));
    }

    /** The text with each character that cannot be stored replaced by U+FFFD; null stays null. */
    public static String storable(String text) {
        if (text == null || isStorable(text)) {
            return text;
        }
        StringBuilder storable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> storable.appendCodePoint(isStorable(c) ? c : REPLACEMENT));
        return storable.toString();
    }

    private static boolean isStorable(String text) {
        return text.codePoints().allMatch(Texts::isStorable);
    }

    /** PostgreSQL's text has no U+0000, and an unpaired surrogate, which comes as one by itself, has no UTF-8. */
    private static boolean isStorable(int codePoint) {
        return codePoint != 0 && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
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
