package org.caravanserai.tool;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * Something that a model may call.
 *
 * @param name as the model calls it and as the tenant's allow-list names it
 * @param description what the model is told of it
 * @param schema JSON schema of its arguments, which are an object
 * @param isRepeatable whether a call may be made again without harm, since it only reads or concerns this answer alone
 */
public record Tool(String name, String description, JsonNode schema, boolean isRepeatable, Action action) {

    /** What a call does. */
    public interface Action {

        /**
         * @param arguments as the schema allows
         * @return what the model is told; a text, or anything that JSON can hold
         * @throws Exception as a route may; the model is told that it failed, not why
         */
        Object run(Map<String, Object> arguments, ToolContext context) throws Exception;
    }
}
