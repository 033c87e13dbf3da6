package org.caravanserai.standin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** How each provider writes an answer, by its published reference. A text of null stands for two calls of tools. */
enum Wire {
    OPENAI {
        @Override
        String whole(String text, String finish) {
            String message = text == null
                    ? "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
                            + call("a1", "look_up", "{\\\"q\\\":\\\"hours\\\"}") + ","
                            + call("a2", "open_door", "{\\\"n\\\":7}") + "]}"
                    : "{\"role\":\"assistant\",\"content\":" + quoted(text) + ",\"refusal\":"
                            + (finish.equals("refusal") ? "\"I will not.\"" : "null") + "}";
            return "{\"id\":\"c-1\",\"object\":\"chat.completion\",\"created\":1790000000,\"model\":\"m\",\"choices\":[{\"index\":0,"
                    + "\"message\":" + message + ",\"finish_reason\":\"" + reason(finish) + "\"}],\"usage\":" + USAGE
                    + ",\"system_fingerprint\":\"fp\"}";
        }

        @Override
        String stream(String text, String finish) {
            StringBuilder stream = new StringBuilder(": a comment\r\n\r\n");
            stream.append(chunk("{\"role\":\"assistant\",\"content\":\"\"}", null, null));
            if (text == null) {
                stream.append(chunk(fragment(0, "a1", "look_up", ""), null, null))
                        .append(chunk(fragment(0, null, null, "{\\\"q\\\":"), null, null))
                        .append(chunk(fragment(0, null, null, "\\\"hours\\\"}"), null, null))
                        .append(chunk(fragment(1, "a2", "open_door", "{\\\"n\\\":7}"), null, null));
            } else {
                parts(text).forEach(part -> stream.append(chunk("{\"content\":" + quoted(part) + "}", null, null)));
            }
            if (finish != null) {
                stream.append(chunk("{}", reason(finish), groqUsage()))
                        .append(lastUsage())
                        .append("data:[DONE]\n\n"); // no space after the colon is allowed
            }
            return stream.toString();
        }

        @Override
        String error(String code) {
            return "{\"error\":{\"message\":\"It went wrong: " + code + " sk-operators-own-key-1\",\"type\":\"" + code
                    + "\",\"param\":null,\"code\":\"" + code + "\"}}";
        }

        @Override
        String streamError() {
            return "data: " + error("server_error") + "\n\n";
        }
    },
    GROQ {
        @Override
        String whole(String text, String finish) {
            return OPENAI.whole(text, finish)
                    .replace(",\"system_fingerprint\"", ",\"x_groq\":{\"id\":\"r\"},\"system_fingerprint\"");
        }

        @Override
        String stream(String text, String finish) {
            String stream = OPENAI.stream(text, finish);
            // the usage stands with the last choice, in a field of its own, and nowhere else
            return stream.replace(lastUsage(), "")
                    .replace("\"x\":0", "\"x_groq\":{\"id\":\"r\",\"usage\":" + USAGE + "}");
        }

        @Override
        String error(String code) {
            return OPENAI.error(code);
        }

        @Override
        String streamError() {
            return "data: {\"id\":\"c-1\",\"choices\":[],\"x_groq\":{\"id\":\"r\",\"error\":\"over capacity\"}}\n\n";
        }
    },
    ANTHROPIC {
        @Override
        String whole(String text, String finish) {
            String content = text == null
                    ? "[{\"type\":\"text\",\"text\":\"Let me see.\"},{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"look_up\",\"input\":{\"q\":\"hours\"}},"
                            + "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"open_door\",\"input\":{\"n\":7}}]"
                    : text.isEmpty() ? "[]" : "[{\"type\":\"text\",\"text\":" + quoted(text) + "}]";
            return "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":"
                    + content
                    + ",\"stop_reason\":\"" + reason(finish)
                    + "\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":1000,"
                    + "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":50}}";
        }

        @Override
        String stream(String text, String finish) {
            StringBuilder stream = new StringBuilder(
                    event(
                            "message_start",
                            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
                                    + "\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":1000,\"output_tokens\":1}}}"));
            stream.append(event("ping", "{\"type\":\"ping\"}"));
            stream.append(block(
                    0,
                    "{\"type\":\"text\",\"text\":\"\"}",
                    text == null ? List.of("Let me see.") : parts(text),
                    "text"));
            if (text == null) {
                stream.append(block(
                        1,
                        "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"look_up\",\"input\":{}}",
                        List.of("", "{\"q\":", "\"hours\"}"),
                        "partial_json"));
                stream.append(block(
                        2,
                        "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"open_door\",\"input\":{}}",
                        List.of("{\"n\"", ":7}"),
                        "partial_json"));
            }
            if (finish != null) {
                stream.append(event("a_new_event", "{\"type\":\"a_new_event\"}"));
                stream.append(event(
                        "message_delta",
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + reason(finish)
                                + "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":50}}"));
                stream.append(event("message_stop", "{\"type\":\"message_stop\"}"));
            }
            return stream.toString();
        }

        @Override
        String error(String code) {
            return "{\"type\":\"error\",\"error\":{\"type\":\"" + code + "\",\"message\":\"It went wrong: " + code
                    + " sk-ant-operators-own-key-3\"},\"request_id\":\"req_1\"}";
        }

        @Override
        String streamError() {
            return event("error", error("overloaded_error"));
        }
    },
    OLLAMA {
        @Override
        String whole(String text, String finish) {
            String message = text == null
                    ? "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" + LOOK_UP + "," + OPEN_DOOR + "]}"
                    : "{\"role\":\"assistant\",\"content\":" + quoted(text) + "}";
            return "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":" + message
                    + ",\"done_reason\":\"" + reason(finish)
                    + "\",\"done\":true,\"total_duration\":5,\"prompt_eval_count\":1000,\"eval_count\":50}";
        }

        @Override
        String stream(String text, String finish) {
            StringBuilder stream = new StringBuilder();
            if (text == null) {
                stream.append(line("{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" + LOOK_UP + "]}"))
                        .append(line("{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" + OPEN_DOOR + "]}"));
            } else {
                parts(text)
                        .forEach(part ->
                                stream.append(line("{\"role\":\"assistant\",\"content\":" + quoted(part) + "}")));
            }
            if (finish != null) {
                stream.append(
                        "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:01Z\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},"
                                + "\"done_reason\":\"" + reason(finish)
                                + "\",\"done\":true,\"prompt_eval_count\":1000,\"eval_count\":50}\n");
            }
            return stream.toString();
        }

        @Override
        String error(String code) {
            return "{\"error\":\"It went wrong: " + code + "\"}";
        }

        @Override
        String streamError() {
            return "{\"error\":\"the runner has stopped\"}\n";
        }

        @Override
        String streamType() {
            return "application/x-ndjson";
        }

        private String line(String message) {
            return "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":" + message
                    + ",\"done\":false}\n";
        }
    };

    static final String USAGE = "{\"prompt_tokens\":1000,\"completion_tokens\":50,\"total_tokens\":1050}";
    static final String LOOK_UP = "{\"function\":{\"name\":\"look_up\",\"arguments\":{\"q\":\"hours\"}}}";
    static final String OPEN_DOOR = "{\"function\":{\"name\":\"open_door\",\"arguments\":{\"n\":7}}}";

    private static final ObjectMapper JSON = new ObjectMapper();

    abstract String whole(String text, String finish);

    /** @param finish null leaves the end away */
    abstract String stream(String text, String finish);

    abstract String error(String code);

    abstract String streamError();

    String streamType() {
        return "text/event-stream";
    }

    static Wire of(String provider) {
        return valueOf(provider.toUpperCase(java.util.Locale.ROOT));
    }

    String reason(String finish) {
        Map<String, String> words = this == ANTHROPIC
                ? Map.of("stop", "end_turn", "length", "max_tokens", "tools", "tool_use", "refusal", "refusal")
                : this == OLLAMA
                        ? Map.of("stop", "stop", "length", "length", "tools", "stop", "refusal", "load")
                        : Map.of(
                                "stop", "stop", "length", "length", "tools", "tool_calls", "refusal", "content_filter");
        return words.get(finish);
    }

    /** A few characters each, so that some character of several bytes stands at a border. */
    static List<String> parts(String text) {
        return List.of(text.split("(?<=\\G.{3})"));
    }

    static String quoted(String text) {
        try {
            return JSON.writeValueAsString(text);
        } catch (JsonProcessingException never) {
            throw new IllegalStateException(never);
        }
    }

    static String call(String id, String name, String arguments) {
        return "{\"id\":\"" + id + "\",\"type\":\"function\",\"function\":{\"name\":\"" + name + "\",\"arguments\":\""
                + arguments + "\"}}";
    }

    static String fragment(int index, String id, String name, String arguments) {
        StringJoiner call = new StringJoiner(",", "{\"tool_calls\":[{", "}]}");
        call.add("\"index\":" + index);
        if (id != null) {
            call.add("\"id\":\"" + id + "\"").add("\"type\":\"function\"");
        }
        call.add("\"function\":{" + (name == null ? "" : "\"name\":\"" + name + "\",") + "\"arguments\":\"" + arguments
                + "\"}");
        return call.toString();
    }

    static String chunk(String delta, String finish, String more) {
        return "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
                + delta + ",\"finish_reason\":" + (finish == null ? "null" : "\"" + finish + "\"")
                + "}],\"usage\":null,\"obfuscation\":\"zz\""
                + (more == null ? "" : "," + more) + "}\r\n\r\n";
    }

    static String groqUsage() {
        return "\"x\":0";
    }

    static String lastUsage() {
        return "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"m\",\"choices\":[],\"usage\":"
                + USAGE + "}\n\n";
    }

    static String event(String name, String data) {
        return "event: " + name + "\ndata: " + data + "\n\n";
    }

    static String block(int index, String start, List<String> parts, String field) {
        StringBuilder block = new StringBuilder(event(
                "content_block_start",
                "{\"type\":\"content_block_start\",\"index\":" + index + ",\"content_block\":" + start + "}"));
        for (String part : parts) {
            String type = field.equals("text") ? "text_delta" : "input_json_delta";
            block.append(event(
                    "content_block_delta",
                    "{\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":{\"type\":\"" + type + "\",\""
                            + field + "\":" + quoted(part) + "}}"));
        }
        return block.append(event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":" + index + "}"))
                .toString();
    }
}
