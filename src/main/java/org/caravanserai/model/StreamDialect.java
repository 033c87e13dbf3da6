package org.caravanserai.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Makes the events of one stream what langchain4j takes them for. */
@FunctionalInterface
interface StreamDialect {

    /** Changes an event in place. Gives back whether it did. */
    boolean adapt(ObjectNode event);

    /** OpenAI's, and of servers that speak it: some leave out which of several calls of tools a fragment belongs to. */
    static boolean openAi(ObjectNode event) {
        boolean isChanged = false;
        int i = 0;
        for (JsonNode call : event.path("choices").path(0).path("delta").path("tool_calls")) {
            if (call instanceof ObjectNode fragment && !fragment.hasNonNull("index")) {
                fragment.put("index", i);
                isChanged = true;
            }
            i++;
        }
        return isChanged;
    }

    /** Groq's: the usage stands in a field of its own. */
    static boolean groq(ObjectNode event) {
        JsonNode usage = event.path("x_groq").path("usage");
        boolean isUsageElsewhere = usage.isObject() && !event.hasNonNull("usage");
        if (isUsageElsewhere) {
            event.set("usage", usage);
        }
        return openAi(event) | isUsageElsewhere;
    }

    /** Ollama's: calls of tools come whole, without a number; a prompt that is cached has no count. */
    static StreamDialect ollama() {
        int[] calls = new int[1];
        return event -> {
            boolean isChanged = false;
            for (JsonNode call : event.path("message").path("tool_calls")) {
                if (call.path("function") instanceof ObjectNode function) {
                    function.put("index", calls[0]++);
                    isChanged = true;
                }
            }
            if (event.hasNonNull("eval_count") && !event.hasNonNull("prompt_eval_count")) {
                event.put("prompt_eval_count", 0);
                isChanged = true;
            }
            return isChanged;
        };
    }
}
