package org.caravanserai.document;

/**
 * Finds where the chunks of a text begin. Splitters join what they cut with white space of their own, so it does not
 * count here.
 */
final class Locator {

    private static final int LONGEST_OVERLAP = 4_000;
    /** Characters that are looked at for one chunk, and then about where it is must do: a text may repeat itself. */
    private static final int MOST_LOOKS = 200_000;

    private final String text;
    private String previous = "";
    private int end;
    private int looks;

    Locator(String text) {
        this.text = text;
    }

    /** @param chunk the next one, in order @return where it begins, or about where */
    int next(String chunk) {
        String compact = compact(chunk);
        looks = MOST_LOOKS;
        for (int overlap = Math.min(LONGEST_OVERLAP, Math.min(previous.length(), compact.length()));
                overlap >= 0 && looks > 0;
                overlap--) {
            looks -= overlap / 8 + 1;
            if (previous.regionMatches(previous.length() - overlap, compact, 0, overlap)) {
                int start = skipSpace(back(overlap));
                int after = match(start, compact);
                if (after >= 0) {
                    previous = compact;
                    end = after;
                    return start;
                }
            }
        }
        previous = "";
        int start = skipSpace(end);
        end = start;
        return start;
    }

    private int skipSpace(int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** As many characters before the end of the chunk before. */
    private int back(int characters) {
        int at = end;
        int left = characters;
        while (left > 0 && at > 0) {
            at--;
            looks--;
            if (!Character.isWhitespace(text.charAt(at))) {
                left--;
            }
        }
        return at;
    }

    /** @return where it ends, or -1 if it does not stand there */
    private int match(int start, String compact) {
        int at = start;
        for (int i = 0; i < compact.length(); i++) {
            int before = at;
            at = skipSpace(at);
            looks -= at - before + 1;
            if (at >= text.length() || text.charAt(at) != compact.charAt(i)) {
                return -1;
            }
            at++;
        }
        return at;
    }

    private static String compact(String chunk) {
        StringBuilder compact = new StringBuilder(chunk.length());
        for (int i = 0; i < chunk.length(); i++) {
            if (!Character.isWhitespace(chunk.charAt(i))) {
                compact.append(chunk.charAt(i));
            }
        }
        return compact.toString();
    }
}
