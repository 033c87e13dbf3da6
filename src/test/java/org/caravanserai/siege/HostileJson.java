package org.caravanserai.siege;

import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Bodies for whoever reads JSON, settings among them: malformed, deep, wide, of the wrong types, or expensive to check. */
final class HostileJson {

    private static final List<Supplier<String>> BODIES = List.of(
            () -> "",
            () -> "null",
            () -> "[]",
            () -> "\"text\"",
            () -> "{",
            () -> "{\"id\":",
            () -> "[".repeat(100_000),
            () -> "{\"a\":".repeat(50_000) + "1" + "}".repeat(50_000),
            () -> "{\"text\":" + "9".repeat(100_000) + "}",
            () -> "{\"text\":1e999999999}",
            () -> "{\"text\":\"\\ud800\"}",
            () -> "{\"text\":\"\\u0000\"}",
            () -> "{\"text\":{\"text\":[]}}",
            () -> "{\"text\":\"a\",\"text\":\"b\"}",
            () -> "{" + "\"k\":1,".repeat(50_000) + "\"z\":1}",
            () -> "[" + "{},".repeat(100_000) + "{}]",
            () -> "{\"text\":\"" + "x".repeat(900_000) + "\"}",
            () -> "\ufeff{\"text\":\"a\"}",
            () -> "{\"object\":\"whatsapp_business_account\",\"entry\":[" + "{\"changes\":[]},".repeat(20_000)
                    + "{}]}");

    private static final List<Supplier<String>> SETTINGS = List.of(
            () -> tools(doubledReferences(19)),
            () -> tools("{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}}}"),
            () -> tools("{\"type\":\"object\",\"allOf\":[" + "{\"type\":\"object\"},".repeat(900) + "{}]}"),
            () -> tools("{\"type\":\"object\"," + "\"not\":{".repeat(400) + "\"a\":1" + "}".repeat(400) + "}"),
            () -> tools(
                    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"((a|aa)+)+$\"}}}"),
            () -> "{\"handover\":{\"keywords\":[" + "\"k\",".repeat(20_000) + "\"k\"]}}",
            () -> "{\"instructions\":\"" + "i".repeat(500_000) + "\"}",
            () -> "{\"chunking\":{\"size\":1,\"overlap\":1}}",
            () -> "{\"history\":{\"maxMessages\":2147483647,\"maxTokens\":2147483647}}",
            () -> "{\"burstWindow\":\"PT99999999999999H\"}",
            () -> "{\"language\":\"" + "x-".repeat(5_000) + "\"}",
            () -> "{\"model\":{\"provider\":\"openai\",\"name\":\"m\\nERROR forged\"}}",
            () -> "{\"mcpServers\":[{\"name\":\"a\\r\\nforged\",\"url\":\"http://169.254.169.254/\"}]}");

    private static final List<String> MAPPINGS = List.of(
            "$[?(@.t =~ /((a|aa)+)\\\\1?b/)]",
            "$..*",
            "$..[?(@..a)]",
            "$[*][*][*][*][*]",
            "$" + "..a".repeat(60),
            "$.a[" + "0,".repeat(2_000) + "0]",
            "$.length()",
            "$.concat($..*,$..*)",
            "$[?(@.a in [" + "1,".repeat(2_000) + "1])]");

    private HostileJson() {}

    static String body(RandomGenerator random) {
        return BODIES.get(random.nextInt(BODIES.size())).get();
    }

    static String settings(RandomGenerator random) {
        return SETTINGS.get(random.nextInt(SETTINGS.size())).get();
    }

    /** A JSONPath, escaped for a JSON text. */
    static String mapping(RandomGenerator random) {
        return MAPPINGS.get(random.nextInt(MAPPINGS.size()));
    }

    /** A schema in which each definition refers twice to the next. */
    static String doubledReferences(int levels) {
        StringBuilder definitions = new StringBuilder("\"d" + levels + "\":{\"type\":\"object\"}");
        for (int i = levels - 1; i >= 0; i--) {
            String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}";
            definitions.append(",\"d" + i + "\":{\"allOf\":[" + next + "," + next + "]}");
        }
        return "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/d0\"}},\"$defs\":{" + definitions + "}}";
    }

    private static String tools(String schema) {
        return "{\"tools\":{\"enabled\":[\"h\"],\"http\":[{\"name\":\"h\",\"description\":\"d\",\"method\":\"GET\","
                + "\"url\":\"https://example.org/\",\"parameters\":" + schema + "}]}}";
    }
}
