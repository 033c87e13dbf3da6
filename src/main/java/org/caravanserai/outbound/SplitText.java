package org.caravanserai.outbound;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Cuts a text into parts that a channel takes, on sentence borders where there are any. */
public final class SplitText {

    // WhatsApp Cloud API, "Text messages": body up to 4,096 characters.
    private static final Map<String, Integer> LIMITS = Map.of("whatsapp", 4096);
    private static final int NO_LIMIT = 100_000;

    private SplitText() {}

    /** The parts, in order; one if the text fits. */
    public static List<String> forChannel(String channelType, String text) {
        return split(text, LIMITS.getOrDefault(channelType, NO_LIMIT));
    }

    static List<String> split(String text, int limit) {
        List<String> parts = new ArrayList<>();
        String rest = text;
        while (rest.length() > limit) {
            int end = border(rest, limit);
            parts.add(rest.substring(0, end).strip());
            rest = rest.substring(end).strip();
        }
        if (!rest.isEmpty() || parts.isEmpty()) {
            parts.add(rest);
        }
        return parts;
    }

    private static int border(String text, int limit) {
        for (BreakIterator borders :
                List.of(BreakIterator.getSentenceInstance(Locale.ROOT), BreakIterator.getWordInstance(Locale.ROOT))) {
            borders.setText(text);
            int end = borders.preceding(limit + 1);
            if (end > limit / 4) {
                return end;
            }
        }
        return Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit;
    }
}
