package org.caravanserai.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.mcp.protocol.McpListToolsRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;

/** Of tools: their schemas, what models write as arguments, what MCP servers answer. */
public final class ToolReaders {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ToolReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("tool-schema", ToolReaders::schema),
                new Reader("tool-url", ToolReaders::url),
                new Reader("mcp-answer", input -> mcp(input, ContentType.APPLICATION_JSON)),
                new Reader("mcp-stream", input -> mcp(input, ContentType.TEXT_EVENT_STREAM)));
    }

    /** The first line is the schema, the rest the arguments. A schema that is taken can be told and held against any. */
    private static void schema(Input input) throws Exception {
        String[] lines = input.lines(2);
        Optional<JsonNode> schema = unlessRefused(() -> JSON.readTree(lines[0]), JsonProcessingException.class);
        Optional<JsonNode> arguments = unlessRefused(() -> JSON.readTree(lines[1]), JsonProcessingException.class);
        if (schema.isPresent() && ToolSchema.problem(schema.get()) == null) {
            assertThat(ToolSchema.forModel(schema.get())).isNotNull();
            arguments.ifPresent(given ->
                    assertThat(ToolSchema.problems(schema.get(), given)).hasSizeLessThanOrEqualTo(5));
        }
    }

    private static void url(Input input) {
        if (HttpTool.problem(input.text()) == null) {
            String example = HttpTool.example(input.text());
            // an argument whose name is none stays as it is, and is refused as no URL
            assertThat(example.contains("{") && isUri(example)).as(example).isFalse();
        }
    }

    private static boolean isUri(String text) {
        try {
            return new URI(text).isAbsolute();
        } catch (URISyntaxException malformed) {
            return false;
        }
    }

    /** An answer is the one to the request, or none. */
    private static void mcp(Input input, ContentType type) throws Exception {
        try (McpHttpTransport transport =
                new McpHttpTransport(new OneAnswer(input.bytes(), type), "http://mcp.example/", Map.of())) {
            var answer = transport.executeOperationWithResponse(new McpListToolsRequest(7L));
            assertThat(answer).isDone();
            if (!answer.isCompletedExceptionally()) {
                assertThat(answer.get().path("id").asLong()).isEqualTo(7);
            }
        }
    }

    /** A server that answers this to all. */
    private static final class OneAnswer extends CloseableHttpClient {

        private final byte[] body;
        private final ContentType type;

        private OneAnswer(byte[] body, ContentType type) {
            this.body = body;
            this.type = type;
        }

        @Override
        protected CloseableHttpResponse doExecute(HttpHost target, ClassicHttpRequest request, HttpContext context) {
            BasicClassicHttpResponse response = new BasicClassicHttpResponse(200);
            response.setHeader(
                    "Content-Type", type.withCharset(StandardCharsets.UTF_8).toString());
            response.setEntity(new ByteArrayEntity(body, type));
            return CloseableHttpResponse.adapt(response);
        }

        @Override
        public void close() {
            // holds nothing
        }

        @Override
        public void close(CloseMode mode) {
            // holds nothing
        }
    }
}
