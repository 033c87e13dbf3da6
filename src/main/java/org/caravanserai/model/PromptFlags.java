package org.caravanserai.model;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Notices texts that try to instruct the model. It flags, on the timeline and by a metric, and blocks nothing: people write
 * such words for good reasons too, and what keeps a model within its bounds is what it may do, not what it reads.
 */
@Component
class PromptFlags {

    private static final int READ_MAX = 20_000;
    private static final List<Pattern> SIGNS = List.of(
            sign(
                    "(ignore|disregard|forget|override)\\W{1,3}(\\w+\\W{1,3}){0,4}(instructions?|rules|prompts?|guidelines)"),
            sign("(ignorier\\w*|vergiss|missachte)\\W{1,3}([\\p{L}]+\\W{1,3}){0,4}(anweisung\\w*|regeln|vorgaben)"),
            sign("(ignor\\w+|oubli\\w+)\\W{1,3}([\\p{L}]+\\W{1,3}){0,4}(instructions|r\\u00e8gles|consignes)"),
            sign("(ignor\\w+|olvid\\w+)\\W{1,3}([\\p{L}]+\\W{1,3}){0,4}(instrucciones|reglas)"),
            sign(
                    "(reveal|print|repeat|show)\\W{1,3}(\\w+\\W{1,3}){0,4}(system|initial|hidden) ?(prompt|instructions|message)"),
            sign("\\byou are (now|no longer)\\b.{0,40}\\b(assistant|model|ai|mode|dan)\\b"),
            sign("\\b(developer|god|jailbreak|dan) mode\\b"),
            sign("<\\|?(im_start|im_end|system|endoftext)\\|?>|\\[/?inst\\]|^\\s*#{0,3}\\s*(system|assistant)\\s*:"));

    private final MeterRegistry meters;

    PromptFlags(MeterRegistry meters) {
        this.meters = meters;
    }

    /** True if the text tries to. @param where message, source or tool, for the metric */
    boolean isSuspect(String where, String text) {
        String read = text.length() > READ_MAX ? text.substring(0, READ_MAX) : text;
        boolean isSuspect = SIGNS.stream().anyMatch(sign -> sign.matcher(read).find());
        if (isSuspect) {
            meters.counter("hub.prompt.suspect", "where", where).increment();
        }
        return isSuspect;
    }

    private static Pattern sign(String form) {
        return Pattern.compile(form, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.MULTILINE);
    }
}
