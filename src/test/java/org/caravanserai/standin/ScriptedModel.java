package org.caravanserai.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** A model behind OpenAI's API that says what a script has it say, round by round. */
public final class ScriptedModel extends StandInServer {

    private final ObjectMapper json = new ObjectMapper();
    private final List<JsonNode> requests = new ArrayList<>();
    private volatile BiFunction<Integer, JsonNode, Object> script;

    /**
     * @param script of the number of the request, from 0, and its body: a text to say, {@link Call}s to make,
     *     {@link Raw} or {@link Endless}
     */
    public ScriptedModel(BiFunction<Integer, JsonNode, Object> script) {
        this.script = script;
    }

    /** A call of a tool. @param arguments as the model writes them */
    public record Call(String tool, String arguments) {}

    /** Something else than an answer, with status 200. */
    public record Raw(String body) {}

    /** An answer that has no end: what is said without pause until the reader goes. */
    public record Endless() {}

    /** Another script; requests are counted from 0 again. */
    public synchronized void follow(BiFunction<Integer, JsonNode, Object> other) {
        script = other;
        requests.clear();
    }

    /** The requests so far. */
    public synchronized List<JsonNode> requests() {
        return List.copyOf(requests);
    }

    /** What the last message of a request is. */
    public static String last(JsonNode request) {
        JsonNode messages = request.path("messages");
        return messages.path(messages.size() - 1).path("content").asText();
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode request = json.readTree(exchange.getRequestBody().readAllBytes());
        Object said;
        synchronized (this) {
            requests.add(request);
            said = script.apply(requests.size() - 1, request);
        }
        if (said instanceof Endless) {
            neverEnd(exchange);
            return;
        }
        if (said instanceof Raw raw) {
            answer(exchange, 200, raw.body.getBytes(StandardCharsets.UTF_8));
            return;
        }
        Map<String, Object> message = said instanceof String text
                ? Map.of("role", "assistant", "content", text)
                : Map.of("role", "assistant", "tool_calls", calls((List<?>) said));
        answer(
                exchange,
                200,
                json.writeValueAsBytes(Map.of(
                        "id",
                        "chatcmpl-1",
                        "object",
                        "chat.completion",
                        "created",
                        1760000000,
                        "model",
                        "scripted",
                        "choices",
                        List.of(Map.of("index", 0, "finish_reason", "stop", "message", message)),
                        "usage",
                        Map.of("prompt_tokens", 100, "completion_tokens", 10, "total_tokens", 110))));
    }

    private void neverEnd(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write("{\"choices\":[{\"message\":{\"content\":\"".getBytes(StandardCharsets.UTF_8));
            while (!Thread.currentThread().isInterrupted()) {
                out.write("on and on ".getBytes(StandardCharsets.UTF_8));
                out.flush();
                pause(Duration.ofMillis(20).toNanos());
            }
        }
    }

    private static List<Map<String, Object>> calls(List<?> said) {
        List<Map<String, Object>> calls = new ArrayList<>();
        for (Object one : said) {
            Call call = (Call) one;
            calls.add(Map.of(
                    "id",
                    "call_" + calls.size(),
                    "type",
                    "function",
                    "function",
                    Map.of("name", call.tool(), "arguments", call.arguments())));
        }
        return calls;
    }
}
