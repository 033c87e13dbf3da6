package org.caravanserai.model;

import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hides what points to a person before a model is asked, and puts it back into what the model wrote. The same value has the
 * same stand-in throughout one answer, so that the model can tell two numbers apart. Of numbers, only those count whose check
 * digits are right: cards by Luhn's algorithm, accounts (IBAN) by ISO 7064 mod 97.
 */
final class PiiMask {

    private static final int IBAN_MIN = 15;
    private static final int IBAN_MAX = 34;
    private static final int CARD_MIN = 13;
    private static final int CARD_MAX = 19;
    private static final int PHONE_MIN = 7;
    private static final int PHONE_MAX = 15;
    private static final Pattern STAND_IN = Pattern.compile("\\[(?:EMAIL|IBAN|CARD|PHONE|TEXT)_\\d{1,4}\\]");

    private static final com.google.re2j.Pattern DATE =
            com.google.re2j.Pattern.compile("\\d{4}[-./]\\d{1,2}[-./]\\d{1,2}|\\d{1,2}[-./]\\d{1,2}[-./]\\d{4}.*");

    /** What the rest of a text may be of which more is to come. */
    private static final com.google.re2j.Pattern BEGUN =
            com.google.re2j.Pattern.compile("\\[(?:[A-Z]{0,5}|(?:EMAIL|IBAN|CARD|PHONE|TEXT)_\\d{0,4})\\z");

    private static final int STAND_IN_MAX = "[EMAIL_9999]".length();

    /** What can be hidden, in the order in which it is looked for: an account holds what looks like a telephone number. */
    enum Kind {
        EMAIL(
                Pattern.compile(
                        "(?<![\\p{Alnum}._%+-])[\\p{Alnum}._%+-]{1,64}@(?:[\\p{Alnum}-]{1,63}\\.){1,8}\\p{Alpha}{2,24}(?!\\p{Alnum})")),
        IBAN(Pattern.compile("(?<!\\p{Alnum})\\p{Alpha}{2}\\d{2}(?: ?\\p{Alnum}){11,30}(?!\\p{Alnum})")),
        CARD(Pattern.compile("(?<![\\p{Alnum}])\\d(?:[ -]?\\d){12,18}(?!\\d)")),
        PHONE(Pattern.compile("(?<![\\p{Alnum}.,/-])(?:\\+|00)?\\(?\\d(?:[ ()./-]{0,2}\\d){6,14}(?![\\p{Alnum}])"));

        private final Pattern form;

        Kind(Pattern form) {
            this.form = form;
        }

        /** How much of a find is one, in characters; 0 if it is none. */
        int length(String found) {
            return switch (this) {
                case EMAIL -> found.length();
                case IBAN -> ibanLength(found);
                case CARD -> isCard(digits(found)) ? found.length() : 0;
                case PHONE -> isPhone(found) ? found.length() : 0;
            };
        }
    }

    private final Set<Kind> kinds;
    private final Map<String, String> standIns = new LinkedHashMap<>();
    private final Map<String, String> originals = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    private PiiMask(Set<Kind> kinds) {
        this.kinds = kinds;
    }

    /** @param names as {@code settings.pii.mask} has them; null hides nothing */
    static PiiMask of(Collection<String> names) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        if (names != null) {
            names.forEach(name -> kinds.add(Kind.valueOf(name.toUpperCase(Locale.ROOT))));
        }
        return new PiiMask(kinds);
    }

    /** Hides everything that can be hidden, for what is kept. */
    static PiiMask ofAll() {
        return new PiiMask(EnumSet.allOf(Kind.class));
    }

    boolean isOn() {
        return !kinds.isEmpty();
    }

    /** The text with stand-ins such as {@code [PHONE_1]}. */
    synchronized String hide(String text) {
        if (text == null || kinds.isEmpty()) {
            return text;
        }
        // what the text itself has of this form must come back as it was
        String hidden = replace(text, STAND_IN, found -> standIn("TEXT", found));
        for (Kind kind : kinds) {
            hidden = hide(hidden, kind, found -> standIn(kind.name(), found));
        }
        return hidden;
    }

    /**
     * The text with stand-ins such as {@code [PHONE]}, the same for every value of a kind and in every text; nothing is put
     * back.
     */
    String redact(String text) {
        String hidden = text;
        for (Kind kind : kinds) {
            hidden = hide(hidden, kind, found -> "[" + kind + "]");
        }
        return hidden;
    }

    /** The text with what was hidden. */
    synchronized String restore(String text) {
        if (text == null || originals.isEmpty()) {
            return text;
        }
        return replace(text, STAND_IN, found -> originals.getOrDefault(found, found));
    }

    /** Up to where a text, of which more is to come, has no stand-in that is cut. */
    static int wholeUpTo(CharSequence text) {
        int from = Math.max(0, text.length() - STAND_IN_MAX);
        com.google.re2j.Matcher begun = BEGUN.matcher(text.subSequence(from, text.length()));
        return begun.find() ? from + begun.start() : text.length();
    }

    private static String hide(String text, Kind kind, Change change) {
        Matcher finds = kind.form.matcher(text);
        StringBuilder hidden = new StringBuilder();
        int end = 0;
        int next = 0;
        while (finds.find(next)) {
            int length = kind.length(finds.group());
            next = finds.start() + 1;
            if (length > 0) {
                hidden.append(text, end, finds.start())
                        .append(change.of(finds.group().substring(0, length)));
                end = finds.start() + length;
                next = end;
            }
            if (next > text.length()) {
                break;
            }
        }
        return hidden.append(text, end, text.length()).toString();
    }

    private interface Change {
        String of(String found);
    }

    private static String replace(String text, Pattern pattern, Change change) {
        return pattern.matcher(text).replaceAll(found -> Matcher.quoteReplacement(change.of(found.group())));
    }

    private String standIn(String kind, String value) {
        return standIns.computeIfAbsent(value, fresh -> {
            String standIn = "[" + kind + "_" + counts.merge(kind, 1, Integer::sum) + "]";
            originals.put(standIn, value);
            return standIn;
        });
    }

    private static String digits(String text) {
        StringBuilder digits = new StringBuilder();
        text.chars().filter(c -> c >= '0' && c <= '9').forEach(c -> digits.append((char) c));
        return digits.toString();
    }

    private static boolean isPhone(String found) {
        int digits = digits(found).length();
        return digits >= PHONE_MIN && digits <= PHONE_MAX && !DATE.matches(found);
    }

    private static boolean isCard(String digits) {
        if (digits.length() < CARD_MIN
                || digits.length() > CARD_MAX
                || digits.chars().distinct().count() == 1) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int weighted = i % 2 != 0 ? digit * 2 : digit;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }
        return sum % 10 == 0;
    }

    /** The longest beginning that is an account: words after it may look like more of it. */
    private static int ibanLength(String found) {
        for (int end = found.length(); end >= IBAN_MIN; end--) {
            boolean isBorder = end == found.length() || found.charAt(end) == ' ';
            String account = found.substring(0, end).replace(" ", "").toUpperCase(Locale.ROOT);
            if (isBorder && account.length() >= IBAN_MIN && account.length() <= IBAN_MAX && isIban(account)) {
                return end;
            }
        }
        return 0;
    }

    private static boolean isIban(String account) {
        int rest = 0;
        for (int i = 0; i < account.length(); i++) {
            int digit = Character.digit(account.charAt((i + 4) % account.length()), 36);
            rest = (rest * (digit > 9 ? 100 : 10) + digit) % 97;
        }
        return rest == 1;
    }
}
