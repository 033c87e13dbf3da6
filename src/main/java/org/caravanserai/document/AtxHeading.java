package org.caravanserai.document;

/**
 * A line that is a heading in Markdown: up to three spaces, one to six {@code #}, a blank, the text, and perhaps more
 * {@code #}. Read in one pass, since the line may be anybody's.
 *
 * @param level 1 to 6
 */
record AtxHeading(int level, String text) {

    private static final int MOST_SPACES = 3;
    private static final int MOST_LEVELS = 6;

    /** @param longest a longer text is no heading @return null if the line is none */
    static AtxHeading of(String line, int longest) {
        int at = 0;
        while (at < line.length() && at < MOST_SPACES && line.charAt(at) == ' ') {
            at++;
        }
        int level = 0;
        while (at < line.length() && line.charAt(at) == '#') {
            at++;
            level++;
        }
        int from = at;
        while (from < line.length() && isBlank(line.charAt(from))) {
            from++;
        }
        if (level == 0 || level > MOST_LEVELS || from == at || from == line.length()) {
            return null;
        }
        String text = line.substring(from, end(line, from));
        return text.length() > longest || Character.isWhitespace(text.charAt(0)) || hasBreak(text)
                ? null
                : new AtxHeading(level, text);
    }

    /** Where the text ends, which has one character at least. */
    private static int end(String line, int from) {
        int to = line.length();
        while (to > from && (isBlank(line.charAt(to - 1)) || line.charAt(to - 1) == '\r')) {
            to--;
        }
        while (to > from && line.charAt(to - 1) == '#') {
            to--;
        }
        while (to > from && isBlank(line.charAt(to - 1))) {
            to--;
        }
        return Math.max(to, from + 1);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static boolean hasBreak(String text) {
        return text.chars().anyMatch(c -> c == '\r' || c == '\n' || c == '\u0085' || c == '\u2028' || c == '\u2029');
    }
}
