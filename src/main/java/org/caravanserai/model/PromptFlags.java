package org.caravanserai.model;

import com.google.re2j.Pattern;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;

/**
 * Notices texts that try to instruct the model. It flags, on the timeline and by a metric, and blocks nothing: people write
 * such words for good reasons too, and what keeps a model within its bounds is what it may do, not what it reads. The
 * texts are anybody's: the time it takes grows with their length alone.
 */
@Component
class PromptFlags {

    private static final int READ_MAX = 20_000;
    private static final List<Sign> SIGNS = List.of(
            sign(
                    "(ignore|disregard|forget|override)\\W{1,3}(\\w+\\W{1,3}){0,4}(instructions?|rules|prompts?|guidelines)",
                    "ignore",
                    "disregard",
                    "forget",
                    "override"),
            sign(
                    "(ignorier\\w*|vergiss|missachte)\\W{1,3}([\\p{L}]+\\W{1,3}){0,4}(anweisung\\w*|regeln|vorgaben)",
                    "ignorier",
                    "vergiss",
                    "missachte"),
            sign(
                    "(ignor\\w+|oubli\\w+)\\W{1,3}([\\p{L}]+\\W{1,3}){0,4}(instructions|r\u00e8gles|consignes)",
                    "ignor",
                    "oubli"),
            sign("(ignor\\w+|olvid\\w+)\\W{1,3}([\\p{L}]+\\W{1,3}){0,4}(instrucciones|reglas)", "ignor", "olvid"),
            sign(
                    "(reveal|print|repeat|show)\\W{1,3}(\\w+\\W{1,3}){0,4}(system|initial|hidden) ?(prompt|instructions|message)",
                    "reveal",
                    "print",
                    "repeat",
                    "show"),
            sign("\\byou are (now|no longer)\\b.{0,40}\\b(assistant|model|ai|mode|dan)\\b", "you are no"),
            sign("\\b(developer|god|jailbreak|dan) mode\\b", " mode"),
            sign(
                    "<\\|?(im_start|im_end|system|endoftext)\\|?>|\\[/?inst\\]|^\\s*#{0,3}\\s*(system|assistant)\\s*:",
                    "im_start",
                    "im_end",
                    "system",
                    "endoftext",
                    "inst]",
                    "assistant"));

    private final MeterRegistry meters;

    /** @param words one of which is in every text that has the form: most texts have none, and finding words is quick */
    private record Sign(Pattern form, List<String> words) {

        private boolean isIn(String text, String folded) {
            return words.stream().anyMatch(folded::contains)
                    && form.matcher(text).find();
        }
    }

    PromptFlags(MeterRegistry meters) {
        this.meters = meters;
    }

    /** True if the text tries to. @param where message, source or tool, for the metric */
    boolean isSuspect(String where, String text) {
        String read = text.length() > READ_MAX ? text.substring(0, READ_MAX) : text;
        // by way of upper case: some letters have one with others
        String folded = read.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        boolean isSuspect = SIGNS.stream().anyMatch(sign -> sign.isIn(read, folded));
        if (isSuspect) {
            meters.counter("hub.prompt.suspect", "where", where).increment();
        }
        return isSuspect;
    }

    private static Sign sign(String form, String... words) {
        return new Sign(Pattern.compile(form, Pattern.CASE_INSENSITIVE | Pattern.MULTILINE), List.of(words));
    }
}
