package org.caravanserai.inbound.webchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What a visitor's frame says.
 *
 * @param id the message's, which the visitor's page made; null if the frame is malformed
 * @param text not blank and of bounded length unless there is a problem
 */
record Frame(String id, String text, Problem problem) {

    static final int TEXT_MAX = 4_000;

    private static final int ID_MAX = 64;

    enum Problem {
        NONE,
        MALFORMED,
        TOO_LONG
    }

    static Frame read(ObjectMapper json, String payload) {
        JsonNode said;
        try {
            said = json.readTree(payload);
        } catch (JsonProcessingException malformed) {
            return new Frame(null, null, Problem.MALFORMED);
        }
        String id = said.path("id").textValue();
        String text = said.path("text").textValue();
        if (id == null || !isId(id) || text == null || text.isBlank()) {
            return new Frame(null, null, Problem.MALFORMED);
        }
        return new Frame(id, text, text.length() > TEXT_MAX ? Problem.TOO_LONG : Problem.NONE);
    }

    private static boolean isId(String id) {
        return !id.isEmpty()
                && id.length() <= ID_MAX
                && id.chars()
                        .allMatch(c -> c >= 'A' && c <= 'Z'
                                || c >= 'a' && c <= 'z'
                                || c >= '0' && c <= '9'
                                || c == '_'
                                || c == '-');
    }
}
