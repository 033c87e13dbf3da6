package org.caravanserai.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** An MCP server with one tool, by Streamable HTTP with sessions; calls are answered as a stream of events. */
public final class StandInMcpServer extends StandInServer {

    private static final String TOKEN = "Bearer mcp-token-of-the-tests";

    private final ObjectMapper json = new ObjectMapper();
    private final List<String> methods = new CopyOnWriteArrayList<>();
    private final List<JsonNode> calls = new CopyOnWriteArrayList<>();
    private volatile String session = "none";

    /** The methods that were called with the right token. */
    public List<String> methods() {
        return methods;
    }

    /** The arguments of the calls of its tool. */
    public List<JsonNode> calls() {
        return calls;
    }

    /** Forgets the session, as a server that was started again. */
    public void forget() {
        session = "none";
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode request = json.readTree(exchange.getRequestBody().readAllBytes());
        String method = request == null ? "" : request.path("method").asText();
        if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(exchange, 401, new byte[0]);
            return;
        }
        boolean isKnown = session.equals(exchange.getRequestHeaders().getFirst("Mcp-Session-Id"));
        if (!method.equals("initialize") && !isKnown) {
            answer(exchange, 404, new byte[0]);
            return;
        }
        methods.add(method.isEmpty() ? exchange.getRequestMethod() : method);
        switch (method) {
            case "initialize" -> {
                session = UUID.randomUUID().toString();
                exchange.getResponseHeaders().set("Mcp-Session-Id", session);
                result(
                        exchange,
                        request,
                        Map.of(
                                "protocolVersion",
                                request.at("/params/protocolVersion").asText(),
                                "capabilities",
                                Map.of("tools", Map.of()),
                                "serverInfo",
                                Map.of("name", "stand-in", "version", "1")));
            }
            case "tools/list" ->
                result(exchange, request, Map.of("tools", List.of(tool("stock", true), tool("wipe", false))));
            case "tools/call" -> {
                calls.add(request.at("/params/arguments"));
                String text = "There are 3 of "
                        + request.at("/params/arguments/article").asText() + ".";
                byte[] message = json.writeValueAsBytes(Map.of(
                        "jsonrpc",
                        "2.0",
                        "id",
                        request.get("id"),
                        "result",
                        Map.of("content", List.of(Map.of("type", "text", "text", text)), "isError", false)));
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                String stream = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n"
                        + "event: message\ndata: " + new String(message, StandardCharsets.UTF_8) + "\n\n";
                answer(exchange, 200, stream.getBytes(StandardCharsets.UTF_8));
            }
            default -> answer(exchange, 202, new byte[0]);
        }
    }

    private static Map<String, Object> tool(String name, boolean isReadOnly) {
        return Map.of(
                "name",
                name,
                "annotations",
                Map.of("readOnlyHint", isReadOnly),
                "description",
                "Says how many there are.",
                "inputSchema",
                Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of("article", Map.of("type", "string"), "customer", Map.of("type", "string")),
                        "required",
                        List.of("article")));
    }

    private void result(HttpExchange exchange, JsonNode request, Object result) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        answer(
                exchange,
                200,
                json.writeValueAsBytes(Map.of("jsonrpc", "2.0", "id", request.get("id"), "result", result)));
    }
}
