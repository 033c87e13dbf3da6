package org.caravanserai.logging;

/** Makes a text safe for a line of a log: what would end the line, move the cursor or turn the reading order is written out. */
final class LogText {

    private LogText() {}

    /** @param keepLines whether line feeds stay as they are */
    static String escape(String text, boolean keepLines) {
        if (text == null) {
            return null;
        }
        int first = 0;
        while (first < text.length() && !isUnsafe(text.charAt(first), keepLines)) {
            first++;
        }
        return first == text.length() ? text : escapeFrom(first, text, keepLines);
    }

    private static String escapeFrom(int first, String text, boolean keepLines) {
        StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isUnsafe(c, keepLines)) {
                escaped.append(c);
            } else if (c == '\n') {
                escaped.append("\\n");
            } else if (c == '\r') {
                escaped.append("\\r");
            } else {
                escaped.append("\\u%04x".formatted((int) c));
            }
        }
        return escaped.toString();
    }

    private static boolean isUnsafe(char c, boolean keepLines) {
        if (c < 0x7f) {
            return c < ' ' && c != '\t' && !(keepLines && c == '\n');
        }
        return c <= 0x9f // DEL and C1, with NEL and the one-character CSI
                || c == 0x2028
                || c == 0x2029
                || isBidirectional(c)
                || c == 0xfeff;
    }

    private static boolean isBidirectional(char c) {
        return c == 0x061c || c == 0x200e || c == 0x200f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069;
    }
}
