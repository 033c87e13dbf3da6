package org.caravanserai.siege;

import java.util.List;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/** Texts that cost much to look at, or that are not what they seem. Not one of them is longer than a message may be. */
final class HostileTexts {

    private static final int MOST = 40_000;

    private static final List<IntFunction<String>> KINDS = List.of(
            n -> "vergiss" + "\u00e9".repeat(n),
            n -> "oublier " + "\u00e9\u00e8 ".repeat(n / 3),
            n -> "ignore " + "a ".repeat(n / 2) + "b",
            n -> "ignore" + ",. ".repeat(n / 3),
            n -> "you are now " + "assist ".repeat(n / 7),
            n -> "reveal " + "the_ ".repeat(n / 5) + "syste",
            n -> "# x" + " ".repeat(n) + "y",
            n -> "#".repeat(n),
            n -> "a".repeat(n) + "@" + "a.".repeat(n / 2),
            n -> "1".repeat(n),
            n -> "4111 1111 ".repeat(n / 10),
            n -> "DE00 0000 ".repeat(n / 10),
            n -> "+49 (0) ".repeat(n / 8),
            n -> "\u200b".repeat(n),
            n -> "\ufffd".repeat(n),
            n -> "e" + "\u0301".repeat(n),
            n -> "\u202e\u2066".repeat(n / 2),
            n -> "\ud83d\udc68\u200d".repeat(n / 3),
            n -> "A. ".repeat(n / 3),
            n -> "Is it? ".repeat(n / 7),
            n -> "w".repeat(n),
            n -> " ".repeat(n) + ".",
            n -> "\n\t\r\n".repeat(n / 4),
            n -> "[".repeat(n) + "1](",
            n -> "`~`".repeat(n / 3),
            n -> "<a ".repeat(n / 3),
            n -> "&#x".repeat(n / 3),
            n -> "${body} {{hub.home}} ".repeat(n / 21),
            n -> "' or 1=1; -- ".repeat(n / 13),
            n -> "\u0130\u0149".repeat(n / 2),
            n -> "\u1100\u1161".repeat(n / 2),
            n -> "ab".repeat(n / 2) + "\u0000",
            n -> "(".repeat(n / 2) + ")".repeat(n / 2),
            n -> "| a ".repeat(n / 4));

    private HostileTexts() {}

    static String any(RandomGenerator random) {
        return any(random, MOST);
    }

    /** @param most characters; the shorter ones are as frequent as the longer */
    static String any(RandomGenerator random, int most) {
        int length = Math.max(8, most >> random.nextInt(8));
        return KINDS.get(random.nextInt(KINDS.size())).apply(length);
    }
}
