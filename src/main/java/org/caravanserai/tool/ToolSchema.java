package org.caravanserai.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
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
import java.util.Set;

/**
 * What JSON schemas of tools are used for: told to models, and held against the arguments that models write. A schema may
 * come from a tenant or its MCP server, so nothing in it is fetched, and no pattern of it is run, which could take forever.
 */
public final class ToolSchema {

    private static final int MAX_LENGTH = 20_000;
    private static final int MAX_ERRORS = 5;
    private static final Set<String> NAMES_TO_SCHEMAS =
            Set.of("properties", "$defs", "definitions", "dependentSchemas");
    private static final Set<String> VALUES = Set.of("enum", "const", "default", "examples", "required");
    private static final Set<String> NOT_RUN = Set.of("pattern", "patternProperties", "format", "$schema", "$id");

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
            compiled(schema).initializeValidators();
            return null;
        } catch (JsonSchemaException | StackOverflowError unusable) {
            return "must be a JSON schema that refers to nothing outside of itself.";
        }
    }

    /** What is wrong with arguments, a few mistakes at most; empty if nothing is. */
    static List<String> problems(JsonNode schema, JsonNode arguments) {
        try {
            return compiled(schema).validate(arguments).stream()
                    .map(ValidationMessage::getMessage)
                    .limit(MAX_ERRORS)
                    .toList();
        } catch (JsonSchemaException | StackOverflowError unusable) {
            return List.of("The schema of this tool cannot be used.");
        }
    }

    private static JsonSchema compiled(JsonNode schema) {
        return FACTORY.getSchema(safe(schema));
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

    private static JsonNode safe(JsonNode schema) {
        if (schema instanceof ArrayNode array) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            array.forEach(element -> copy.add(safe(element)));
            return copy;
        }
        if (!(schema instanceof ObjectNode object)) {
            return schema;
        }
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(field -> {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (NAMES_TO_SCHEMAS.contains(name) && value.isObject()) {
                ObjectNode named = copy.putObject(name);
                value.properties().forEach(one -> named.set(one.getKey(), safe(one.getValue())));
            } else if (VALUES.contains(name)) {
                copy.set(name, value);
            } else if (!NOT_RUN.contains(name)) {
                copy.set(name, safe(value));
            }
        });
        return copy;
    }
}
