package org.caravanserai.siege;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import org.caravanserai.standin.StandInServer;

/**
 * What the hub calls: a Graph API that serves the quiet tenant well, and for the hostile ones a model, an MCP server, tools
 * and webhook endpoints that answer in every way but the right one.
 */
public final class Neighbours extends StandInServer {

    static final String QUIET_TOKEN = "access-token-of-the-quiet-one";

    private static final int MIB = 1024 * 1024;
    private static final byte[] BOMB = bomb();

    private final ObjectMapper json = new ObjectMapper();
    private volatile BiConsumer<String, String> replies = (to, text) -> {};

    /** What the hub is told, by environment. */
    public Map<String, String> settings() {
        return Map.of("HUB_WHATSAPP_API_URL", uri().toString());
    }

    /** Who is told of each reply that leaves for the quiet tenant's contacts: number and text. */
    void onReply(BiConsumer<String, String> listener) {
        replies = listener;
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        RandomGenerator random = ThreadLocalRandom.current();
        String path = exchange.getRequestURI().getPath();
        if (("Bearer " + QUIET_TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            JsonNode message = json.readTree(body);
            replies.accept(message.path("to").asText(), message.at("/text/body").asText());
            answer(exchange, 200, bytes("{\"messages\":[{\"id\":\"wamid.out." + UUID.randomUUID() + "\"}]}"));
        } else if (random.nextInt(3) == 0) {
            anythingElse(exchange, random);
        } else if (path.endsWith("/chat/completions")) {
            answer(exchange, 200, json.writeValueAsBytes(completion(random)));
        } else if (path.startsWith("/mcp")) {
            answer(exchange, 200, bytes(mcp(json.readTree(body), random)));
        } else {
            answer(exchange, 200, bytes(HostileJson.body(random)));
        }
    }

    private void anythingElse(HttpExchange exchange, RandomGenerator random) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> answer(exchange, 500, bytes("{\"error\":{\"message\":\"a\\nERROR forged\"}}"));
            case 1 -> answer(exchange, 200, "x".repeat(8 * MIB).getBytes(StandardCharsets.US_ASCII));
            case 2 -> {
                exchange.getResponseHeaders().set("Location", "http://169.254.169.254/latest");
                answer(exchange, 307, new byte[0]);
            }
            case 3 -> {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                answer(exchange, 200, BOMB);
            }
            case 4 -> {
                exchange.getResponseHeaders().set("Retry-After", "99999999999999999999");
                answer(exchange, 429, new byte[0]);
            }
            case 5 -> {
                pause(Duration.ofSeconds(20).toNanos());
                exchange.close();
            }
            case 6 ->
                trickle(exchange, "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", "text/event-stream");
            default -> trickle(exchange, "[", "application/json");
        }
    }

    private void trickle(HttpExchange exchange, String part, String type) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, 0);
        try (exchange;
                OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < 200; i++) {
                out.write(bytes(part));
                out.flush();
                pause(Duration.ofMillis(100).toNanos());
            }
        }
    }

    private static Map<String, Object> completion(RandomGenerator random) {
        Map<String, Object> message =
                switch (random.nextInt(4)) {
                    case 0 -> toolCall("search_knowledge_base", "{\"query\":" + HostileJson.body(random) + "}");
                    case 1 -> toolCall("h", HostileJson.body(random));
                    default -> Map.of("role", "assistant", "content", HostileTexts.any(random));
                };
        return Map.of(
                "id",
                "1",
                "object",
                "chat.completion",
                "created",
                1,
                "model",
                "m",
                "choices",
                List.of(Map.of("index", 0, "finish_reason", "stop", "message", message)),
                "usage",
                Map.of("prompt_tokens", Integer.MAX_VALUE, "completion_tokens", -1, "total_tokens", 0));
    }

    private static Map<String, Object> toolCall(String name, String arguments) {
        Map<String, Object> function = Map.of("name", name, "arguments", arguments);
        return Map.of(
                "role",
                "assistant",
                "content",
                "",
                "tool_calls",
                List.of(Map.of("id", "call-1", "type", "function", "function", function)));
    }

    private static String mcp(JsonNode request, RandomGenerator random) {
        String schema = random.nextBoolean()
                ? HostileJson.doubledReferences(19)
                : "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}}}";
        String tool = "{\"name\":\"t\",\"description\":\"" + "d".repeat(2_000) + "\",\"inputSchema\":" + schema + "}";
        String result = request.path("method").asText().equals("initialize")
                ? "{\"protocolVersion\":\"2025-03-26\",\"capabilities\":{\"tools\":{}},\"serverInfo\":"
                        + "{\"name\":\"a\\nforged\",\"version\":\"1\"}}"
                : "{\"tools\":[" + (tool + ",").repeat(300) + tool + "],\"nextCursor\":\"again\"}";
        return "{\"jsonrpc\":\"2.0\",\"id\":" + request.path("id") + ",\"result\":" + result + "}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** 200 KB that become 200 MiB. */
    private static byte[] bomb() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] part = new byte[MIB];
            for (int i = 0; i < 200; i++) {
                gzip.write(part);
            }
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return packed.toByteArray();
    }
}
