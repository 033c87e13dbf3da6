package org.caravanserai.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Texts of one thing again and again, which a matcher that backtracks and a loop in a loop take too long for. */
public final class Pumped {

    private static final List<String> BEGINNINGS = List.of("", "vergiss ", "# x");
    private static final List<String> UNITS = List.of(
            "a",
            "\u00e9",
            "7",
            " ",
            "\t",
            "\n",
            "#",
            "# ",
            "*",
            "- ",
            "_",
            ".",
            ". ",
            "A. ",
            "[",
            "](",
            "[a](",
            "[1, ",
            "(",
            ")",
            "<",
            "@",
            "a@",
            "a@a.",
            "a.",
            "+1 ",
            "1 ",
            "1-",
            "AB12 ",
            "a ",
            "\u00e9 ",
            "aa\u00e9",
            "# x\n",
            "## \n",
            "- a\n",
            "a\n\n",
            "\n ",
            "\r\n",
            "{",
            "{{",
            "${a:",
            "\"",
            "\"a\",",
            ",",
            "|",
            "a|",
            ":",
            "=",
            "\\",
            "\u0301",
            "e\u0301",
            "\ud83d\ude00",
            "\ud83d",
            "\udc00",
            "\u200b",
            "\ufffd",
            "\u00ad",
            "\u202e",
            "\u6f22",
            "\u2028",
            "\u0000",
            "\u001f",
            "ignore ",
            "forget the ",
            "oublier \u00e9",
            "you are now ",
            "system",
            "<|",
            "[TEXT_1]",
            "[EMAIL_",
            "GB82 WEST 1234 5698 7654 32 ",
            "4111 1111 1111 1111 ",
            "1.1.1.1",
            "whsec_",
            "data:",
            "key-",
            "/",
            "%",
            "yes ",
            "```\n",
            "~~~\na\n",
            "\ufb01",
            "\u1e9b\u0323");
    private static final List<String> ENDS = List.of("", "y");
    private static final int SHORT = 2_000;
    private static final int TIMES = 8;
    /** A loop in a loop takes 64 times as long for a text of 8 times the length. */
    private static final int AT_MOST = 4 * TIMES;

    private static final long NOTHING_NANOS = Duration.ofMillis(150).toNanos();
    private static final Duration HANGS = Duration.ofSeconds(60);

    private Pumped() {}

    /** Such texts of about a length. */
    public static List<String> texts(int length) {
        List<String> texts = new ArrayList<>();
        for (String beginning : BEGINNINGS) {
            for (String unit : UNITS) {
                for (String end : ENDS) {
                    texts.add(beginning + unit.repeat(length / unit.length() + 1) + end);
                }
            }
        }
        return texts;
    }

    /** Fails if the time that the work takes grows by much more than the length of a text. */
    public static void assertLinear(Consumer<String> work) {
        assertLinear(SHORT, work);
    }

    /** As above. @param length of the shorter of two texts each */
    public static void assertLinear(int length, Consumer<String> work) {
        List<String> brief = texts(length);
        List<String> extended = texts(length * TIMES);
        for (int i = 0; i < brief.size(); i++) {
            String one = brief.get(i);
            String other = extended.get(i);
            assertTimeoutPreemptively(HANGS, () -> look(one, other, work), () -> "hangs on " + shown(one));
        }
    }

    private static void look(String brief, String extended, Consumer<String> work) {
        long forBrief = nanos(brief, work);
        long forExtended = nanos(extended, work);
        for (int again = 0; again < 3 && forExtended > bound(forBrief); again++) {
            forBrief = Math.max(forBrief, nanos(brief, work));
            forExtended = Math.min(forExtended, nanos(extended, work));
        }
        assertThat(forExtended)
                .as("ns for %s, where an eighth of it takes %d", shown(extended), forBrief)
                .isLessThanOrEqualTo(bound(forBrief));
    }

    private static long bound(long nanos) {
        return NOTHING_NANOS + AT_MOST * nanos;
    }

    private static long nanos(String text, Consumer<String> work) {
        long start = System.nanoTime();
        work.accept(text);
        return System.nanoTime() - start;
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.substring(0, Math.min(40, text.length())).chars().forEach(c -> {
            if (c > ' ' && c < 127) {
                shown.append((char) c);
            } else {
                shown.append("\\u%04x".formatted(c));
            }
        });
        return shown + "... of " + text.length();
    }
}
