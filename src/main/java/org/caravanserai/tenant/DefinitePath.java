package org.caravanserai.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSONPath of child names and indices alone, such as {@code $.a.b[0]['c d']}: it names one place at most, and finding it
 * takes as many steps as it has. Tenants write them, so the parts of JSONPath that search, compute or match are not read.
 */
public final class DefinitePath {

    /** What is allowed, to be said after a field's name. */
    public static final String RULE = "must be a JSONPath of names and numbers such as $.message.text or"
            + " $.items[0]['full name']: at most 256 characters and 20 steps, without .. * ?() @ : , and functions.";

    private static final int LONGEST = 256;
    private static final int DEEPEST = 20;
    private static final int INDEX_DIGITS = 6;

    /** Texts and numbers: names of an object, indices of an array. */
    private final List<Object> steps;

    private DefinitePath(List<Object> steps) {
        this.steps = List.copyOf(steps);
    }

    /** @return nothing if it is no such path; {@link #RULE} says what is */
    public static Optional<DefinitePath> parse(String text) {
        if (text == null || text.length() > LONGEST || !text.startsWith("$")) {
            return Optional.empty();
        }
        List<Object> steps = new ArrayList<>();
        Reader reader = new Reader(text);
        while (!reader.isAtEnd()) {
            Object step = reader.next();
            if (step == null || steps.size() == DEEPEST) {
                return Optional.empty();
            }
            steps.add(step);
        }
        return steps.isEmpty() ? Optional.empty() : Optional.of(new DefinitePath(steps));
    }

    /** @return a missing node where there is nothing */
    public JsonNode in(JsonNode root) {
        JsonNode node = root;
        for (Object step : steps) {
            node = step instanceof Integer index ? node.path(index) : node.path((String) step);
        }
        return node;
    }

    private static final class Reader {

        private final String text;
        private int at = 1;

        private Reader(String text) {
            this.text = text;
        }

        private boolean isAtEnd() {
            return at == text.length();
        }

        /** @return null if it is none of the allowed */
        private Object next() {
            char c = text.charAt(at++);
            if (c == '.') {
                return name();
            }
            if (c != '[' || isAtEnd()) {
                return null;
            }
            char first = text.charAt(at);
            Object step = first == '\'' || first == '"' ? quoted(first) : index();
            return step != null && !isAtEnd() && text.charAt(at++) == ']' ? step : null;
        }

        private String name() {
            int from = at;
            while (!isAtEnd() && isOfName(text.charAt(at))) {
                at++;
            }
            return at > from ? text.substring(from, at) : null;
        }

        private static boolean isOfName(char c) {
            return Character.isLetterOrDigit(c) || Character.isSurrogate(c) || c == '_' || c == '-';
        }

        private Integer index() {
            int from = at;
            while (!isAtEnd() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            return at > from && at - from <= INDEX_DIGITS ? Integer.valueOf(text.substring(from, at)) : null;
        }

        private String quoted(char quote) {
            StringBuilder name = new StringBuilder();
            for (at++; !isAtEnd(); at++) {
                char c = text.charAt(at);
                if (c == quote) {
                    at++;
                    return name.toString();
                }
                if (c == '\\' && ++at == text.length()) {
                    return null;
                }
                name.append(text.charAt(at));
            }
            return null;
        }
    }
}
