package org.caravanserai.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * A schema as arguments are held against it: each {@code $ref} replaced by what it refers to, so that it is a tree, and each
 * part of it meets each part of the arguments once at most. A part that is within itself is not looked at again, and what
 * could run for ever or be fetched is left out.
 */
final class InlineSchema {

    private static final int DEEPEST = 32;
    private static final int MOST_REFERENCES = 200;
    private static final int MOST_NODES = 3_000;

    private static final Set<String> NAMES_TO_SCHEMAS = Set.of("properties", "dependentSchemas");
    private static final Set<String> VALUES =
            Set.of("enum", "const", "default", "examples", "required", "dependentRequired");
    /** Patterns, formats, ways to refer that are not followed, and what has to remember all that was looked at. */
    private static final Set<String> NOT_RUN = Set.of(
            "$ref",
            "$defs",
            "definitions",
            "pattern",
            "patternProperties",
            "format",
            "contentSchema",
            "unevaluatedItems",
            "unevaluatedProperties",
            "$schema",
            "$id",
            "$anchor",
            "$dynamicAnchor",
            "$dynamicRef",
            "$recursiveAnchor",
            "$recursiveRef",
            "$vocabulary");

    private final JsonNode root;
    private final Set<JsonNode> within = Collections.newSetFromMap(new IdentityHashMap<>());
    private int references;
    private int nodes;

    /** Says what is wrong with a schema, after the field's name. */
    static final class TooMuchException extends RuntimeException {

        private TooMuchException(String rule) {
            super(rule);
        }
    }

    private InlineSchema(JsonNode root) {
        this.root = root;
        within.add(root);
    }

    /** @throws TooMuchException if it is beyond the bounds or refers to something outside */
    static JsonNode of(JsonNode schema) {
        return new InlineSchema(schema).schema(schema, 0);
    }

    private JsonNode schema(JsonNode schema, int depth) {
        if (!(schema instanceof ObjectNode object)) {
            return value(schema, depth);
        }
        count(depth);
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(field -> {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (NAMES_TO_SCHEMAS.contains(name) && value.isObject()) {
                ObjectNode named = copy.putObject(name);
                value.properties().forEach(one -> named.set(one.getKey(), schema(one.getValue(), depth + 2)));
            } else if (VALUES.contains(name)) {
                copy.set(name, value(value, depth + 1));
            } else if (!NOT_RUN.contains(name)) {
                copy.set(name, parts(value, depth + 1));
            }
        });
        if (object.has("$ref")) {
            refer(copy, object.get("$ref").asText(), depth);
        }
        return copy;
    }

    private JsonNode parts(JsonNode value, int depth) {
        if (!(value instanceof ArrayNode array)) {
            return schema(value, depth);
        }
        count(depth);
        ArrayNode copy = JsonNodeFactory.instance.arrayNode();
        array.forEach(element -> copy.add(schema(element, depth + 1)));
        return copy;
    }

    private JsonNode value(JsonNode value, int depth) {
        count(depth);
        value.forEach(part -> value(part, depth + 1));
        return value;
    }

    /** What is referred to is one more condition that must be true. */
    private void refer(ObjectNode copy, String reference, int depth) {
        if (++references > MOST_REFERENCES) {
            throw new TooMuchException(
                    "must have at most " + MOST_REFERENCES + " $refs, those within others counted too.");
        }
        JsonNode target = target(reference);
        if (!within.add(target)) {
            return;
        }
        ArrayNode all = copy.get("allOf") instanceof ArrayNode others ? others : JsonNodeFactory.instance.arrayNode();
        all.add(schema(target, depth + 1));
        copy.set("allOf", all);
        within.remove(target);
    }

    private JsonNode target(String reference) {
        if (reference.equals("#")) {
            return root;
        }
        JsonNode found = reference.startsWith("#/") ? root.at(reference.substring(1)) : null;
        if (found == null || found.isMissingNode()) {
            throw new TooMuchException("must be a JSON schema that refers to nothing outside of itself, and within as"
                    + " \"#/$defs/name\" does.");
        }
        return found;
    }

    private void count(int depth) {
        if (depth > DEEPEST) {
            throw new TooMuchException("must be nested at most " + DEEPEST + " deep, what $refs refer to counted too.");
        }
        if (++nodes > MOST_NODES) {
            throw new TooMuchException(
                    "must have at most " + MOST_NODES + " parts, what $refs refer to counted each time.");
        }
    }
}
