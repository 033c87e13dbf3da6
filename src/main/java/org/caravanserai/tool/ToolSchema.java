package org.caravanserai.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.resource.DisallowSchemaLoader;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What JSON schemas of tools are used for: told to models, and held against the arguments that models write. A schema may
 * come from a tenant or its MCP server, so nothing in it is fetched, no
 * pattern of it is run, and what it grows to is bounded.
 */
public final class ToolSchema {

    private static final int MAX_LENGTH = 20_000;
    private static final int MAX_ERRORS = 5;
    /** Parts of a schema by parts of arguments: each may meet each, and makes a message where it does not fit. */
    private static final long MOST_CHECKS = 200_000;

    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            builder -> builder.schemaLoaders(loaders -> loaders.add(DisallowSchemaLoader.getInstance())));

    private ToolSchema() {}

    /** The schema of no arguments. */
    public static ObjectNode empty() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        schema.put("type", "object");
        schema.putObject("properties");
        schema.put("additionalProperties", false);
        return schema;
    }

    /** What is wrong with a schema of arguments; null if nothing is. */
    public static String problem(JsonNode schema) {
        if (schema == null
                || !schema.isObject()
                || !"object".equals(schema.path("type").asText())) {
            return "must be a JSON schema with \"type\": \"object\".";
        }
        if (schema.toString().length() > MAX_LENGTH) {
            return "must have at most " + MAX_LENGTH + " characters.";
        }
        try {
            FACTORY.getSchema(InlineSchema.of(schema)).initializeValidators();
            return null;
        } catch (InlineSchema.TooMuchException tooMuch) {
            return tooMuch.getMessage();
        } catch (RuntimeException | StackOverflowError unusable) {
            return "must be a JSON schema that can be used.";
        }
    }

    /** What is wrong with arguments, a few mistakes at most; empty if nothing is. */
    static List<String> problems(JsonNode schema, JsonNode arguments) {
        try {
            JsonNode inline = InlineSchema.of(schema);
            if (checks(inline, arguments) > MOST_CHECKS) {
                return List.of("They are too many to be checked. Write fewer.");
            }
            return FACTORY.getSchema(inline).validate(arguments).stream()
                    .map(ValidationMessage::getMessage)
                    .limit(MAX_ERRORS)
                    .toList();
        } catch (RuntimeException | StackOverflowError unusable) {
            return List.of("The schema of this tool cannot be used.");
        }
    }

    /** How much there is to be looked at, at most. */
    static long checks(JsonNode schema, JsonNode arguments) {
        return (long) parts(schema) * parts(arguments);
    }

    private static int parts(JsonNode node) {
        int parts = 1;
        for (JsonNode part : node) {
            parts += parts(part);
        }
        return parts;
    }

    /** As langchain4j tells it to models. */
    public static JsonObjectSchema forModel(JsonNode schema) {
        JsonObjectSchema.Builder told = JsonObjectSchema.builder();
        schema.path("properties")
                .properties()
                .forEach(property -> told.addProperty(
                        property.getKey(),
                        JsonRawSchema.from(property.getValue().toString())));
        Map<String, JsonSchemaElement> definitions = new LinkedHashMap<>();
        schema.path("$defs")
                .properties()
                .forEach(one -> definitions.put(
                        one.getKey(), JsonRawSchema.from(one.getValue().toString())));
        if (!definitions.isEmpty()) {
            told.definitions(definitions);
        }
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        return told.required(required).build();
    }
}
