package org.caravanserai.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Pattern;
import dev.langchain4j.mcp.client.McpCallContext;
import dev.langchain4j.mcp.client.transport.McpOperationHandler;
import dev.langchain4j.mcp.client.transport.McpTransport;
import dev.langchain4j.mcp.protocol.McpClientMessage;
import dev.langchain4j.mcp.protocol.McpInitializationNotification;
import dev.langchain4j.mcp.protocol.McpInitializeRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MCP's Streamable HTTP (specification 2025-03-26) on the hub's own client for tenants' URLs: it checks each address as it
 * connects, and bounds time and size. langchain4j's transport has a client of its own, which can do neither. The stream on
 * which a server may speak unasked is not opened.
 */
final class McpHttpTransport implements McpTransport {

    private static final Logger LOG = LoggerFactory.getLogger(McpHttpTransport.class);
    private static final Pattern EVENT_END = Pattern.compile("\\r?\\n\\r?\\n");
    private static final String SESSION = "Mcp-Session-Id";

    private final CloseableHttpClient http;
    private final String url;
    private final Map<String, String> headers;
    private final ObjectMapper json = new ObjectMapper();
    private volatile String session;

    McpHttpTransport(CloseableHttpClient http, String url, Map<String, String> headers) {
        this.http = http;
        this.url = url;
        this.headers = headers;
    }

    @Override
    public void start(McpOperationHandler handler) {
        // each answer comes with its own response, so that nothing has to be handed on
    }

    @Override
    public CompletableFuture<JsonNode> initialize(McpInitializeRequest request) {
        CompletableFuture<JsonNode> answer = executeOperationWithResponse(request);
        if (!answer.isCompletedExceptionally()) {
            executeOperationWithoutResponse(new McpInitializationNotification());
        }
        return answer;
    }

    @Override
    public CompletableFuture<JsonNode> executeOperationWithResponse(McpClientMessage message) {
        try {
            JsonNode answer = post(message);
            return answer == null
                    ? CompletableFuture.failedFuture(new IOException("The MCP server did not answer the request."))
                    : CompletableFuture.completedFuture(answer);
        } catch (IOException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    @Override
    public void executeOperationWithoutResponse(McpClientMessage message) {
        try {
            post(message);
        } catch (IOException lost) {
            LOG.debug("An MCP notification was lost", lost);
        }
    }

    @Override
    public CompletableFuture<JsonNode> executeOperationWithResponse(McpCallContext call) {
        return executeOperationWithResponse(call.message());
    }

    @Override
    public void executeOperationWithoutResponse(McpCallContext call) {
        executeOperationWithoutResponse(call.message());
    }

    private JsonNode post(McpClientMessage message) throws IOException {
        HttpPost request = with(new HttpPost(url));
        request.setHeader("Accept", "application/json, text/event-stream");
        request.setEntity(new ByteArrayEntity(json.writeValueAsBytes(message), ContentType.APPLICATION_JSON));
        return http.execute(request, response -> read(response, message.getId()));
    }

    private <T extends HttpUriRequestBase> T with(T request) {
        headers.forEach(request::setHeader);
        if (session != null) {
            request.setHeader(SESSION, session);
        }
        return request;
    }

    private JsonNode read(ClassicHttpResponse response, Long id) throws IOException {
        byte[] body = response.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(response.getEntity());
        if (response.getCode() / 100 != 2) {
            throw new IOException("The MCP server answered " + response.getCode() + ".");
        }
        Header given = response.getFirstHeader(SESSION);
        if (given != null) {
            session = given.getValue();
        }
        if (id == null || body.length == 0) {
            return null;
        }
        Header type = response.getFirstHeader("Content-Type");
        boolean isStream = type != null && type.getValue().startsWith("text/event-stream");
        return isStream ? ofStream(new String(body, StandardCharsets.UTF_8), id) : answerTo(json.readTree(body), id);
    }

    /** The answer among the events of a stream; others are the server's own affairs. */
    private JsonNode ofStream(String stream, Long id) throws IOException {
        for (String event : EVENT_END.split(stream)) {
            StringBuilder data = new StringBuilder();
            event.lines().filter(line -> line.startsWith("data:")).forEach(line -> data.append(
                            line.substring("data:".length()))
                    .append('\n'));
            JsonNode answer = data.isEmpty() ? null : answerTo(json.readTree(data.toString()), id);
            if (answer != null) {
                return answer;
            }
        }
        return null;
    }

    private static JsonNode answerTo(JsonNode message, Long id) {
        boolean isAnswer = message != null
                && message.path("id").asLong(-1) == id
                && (message.has("result") || message.has("error"));
        return isAnswer ? message : null;
    }

    @Override
    public void checkHealth() {
        // a server is asked when it is needed
    }

    @Override
    public void onFailure(Runnable action) {
        // a failed call is told to its caller, which begins another session
    }

    @Override
    public void close() {
        if (session == null) {
            return;
        }
        try {
            http.execute(with(new HttpDelete(url)), response -> null);
        } catch (IOException gone) {
            LOG.debug("An MCP session was not ended", gone);
        }
    }
}
