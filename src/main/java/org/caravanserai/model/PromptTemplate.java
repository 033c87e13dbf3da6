package org.caravanserai.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.Resource;

/**
 * The prompt as an operator may edit it: a part for the system message, a part for the user message. Placeholders are
 * filled in one pass, so that a text which holds one is left as it is.
 */
record PromptTemplate(String system, String user) {

    private static final Set<String> PLACEHOLDERS = Set.of("instructions", "language", "facts", "sources");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*(\\w+)\\s*\\}\\}");
    private static final Pattern PARTS =
            Pattern.compile("\\A.*?^# System\\s*$(.*?)^# User\\s*$(.*)\\z", Pattern.MULTILINE | Pattern.DOTALL);

    /** @throws IllegalStateException if it is no prompt; says what to write */
    static PromptTemplate read(Resource file) {
        String text;
        try (InputStream in = file.getInputStream()) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException unreadable) {
            throw new IllegalStateException(
                    "The prompt " + file.getDescription() + " cannot be read. Put it back or fix its rights.",
                    unreadable);
        }
        Matcher parts = PARTS.matcher(text);
        if (!parts.matches()) {
            throw new IllegalStateException("The prompt " + file.getDescription()
                    + " needs a line \"# System\" and, after it, a line \"# User\".");
        }
        Matcher used = PLACEHOLDER.matcher(text);
        while (used.find()) {
            if (!PLACEHOLDERS.contains(used.group(1))) {
                throw new IllegalStateException("The prompt " + file.getDescription() + " names {{" + used.group(1)
                        + "}}. Write one of " + PLACEHOLDERS.stream().sorted().toList() + ".");
            }
        }
        return new PromptTemplate(parts.group(1).strip(), parts.group(2).strip());
    }

    static String fill(String part, Map<String, String> values) {
        return PLACEHOLDER
                .matcher(part)
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), "")));
    }
}
