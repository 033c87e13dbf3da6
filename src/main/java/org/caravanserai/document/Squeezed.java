package org.caravanserai.document;

/**
 * A text as splitters bear it: their patterns and their sentence finder look back and forth over white space and over
 * what has none, so that long stretches of either take them hours. Differs from the text in white space alone.
 */
final class Squeezed {

    private static final int MOST_SPACE = 32;
    private static final int MOST_WITHOUT = 400;

    private Squeezed() {}

    /** The text with what is longer than 32 blanks cut to a break of its kind, and a blank after a late full stop. */
    static String of(String text) {
        StringBuilder squeezed = new StringBuilder(text.length());
        int without = 0;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (!Character.isWhitespace(c)) {
                squeezed.append(c);
                at++;
                if (++without > MOST_WITHOUT && (c == '.' || c == '!' || c == '?')) {
                    squeezed.append(' ');
                    without = 0;
                }
                continue;
            }
            int to = at;
            int lines = 0;
            while (to < text.length() && Character.isWhitespace(text.charAt(to))) {
                lines += text.charAt(to) == '\n' ? 1 : 0;
                to++;
            }
            if (to - at <= MOST_SPACE) {
                squeezed.append(text, at, to);
            } else {
                squeezed.append(lines > 1 ? "\n\n" : lines == 1 ? "\n" : " ");
            }
            without = 0;
            at = to;
        }
        return squeezed.toString();
    }
}
