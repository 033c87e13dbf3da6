package org.caravanserai.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.caravanserai.tenant.Writes;
import org.caravanserai.tool.Fingerprint;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Keeps what a model was asked with the reply that came of it, so that an answer can be understood later: with what was
 * hidden still hidden, packed, and deleted with the reply or when it has been kept for its time.
 */
@Component
public class PromptRecord {

    /** The exchange property that carries a {@link Kept} to where the reply is stored. */
    public static final String PROPERTY = "HubPrompt";

    private static final int MAX_TEXT = 64_000;
    private static final int MAX_READ = 16 * 1024 * 1024;

    private final ObjectMapper json;

    PromptRecord(ObjectMapper json) {
        this.json = json;
    }

    /** A prompt to be kept. @param sha256 of its JSON */
    public record Kept(byte[] packed, String sha256) {}

    /** All messages of a call, those about tools among them, and the names of the tools it was offered. */
    Kept of(ModelCall call) {
        Map<String, Object> prompt = new LinkedHashMap<>();
        prompt.put(
                "messages",
                call.toolUse().messages().stream().map(PromptRecord::view).toList());
        prompt.put("tools", call.toolUse().offered().keySet());
        try {
            byte[] text = json.writeValueAsBytes(prompt);
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
                zip.write(text);
            }
            return new Kept(packed.toByteArray(), Fingerprint.of(text));
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a prompt is no JSON", ours);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }

    private static Map<String, Object> view(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> Map.of("role", "system", "text", bound(system.text()));
            case UserMessage user -> Map.of("role", "user", "text", bound(user.singleText()));
            case ToolExecutionResultMessage result ->
                Map.of("role", "tool", "tool", result.toolName(), "text", bound(result.text()));
            case AiMessage model -> {
                Map<String, Object> said = new LinkedHashMap<>();
                said.put("role", "assistant");
                said.put("text", model.text() == null ? "" : bound(model.text()));
                if (model.hasToolExecutionRequests()) {
                    said.put("calls", calls(model.toolExecutionRequests()));
                }
                yield said;
            }
            default -> Map.of("role", message.type().name());
        };
    }

    private static List<Map<String, String>> calls(List<ToolExecutionRequest> requests) {
        return requests.stream()
                .map(request -> Map.of(
                        "tool",
                        String.valueOf(request.name()),
                        "arguments",
                        bound(request.arguments() == null ? "" : request.arguments())))
                .toList();
    }

    private static String bound(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    /** Adds it to what is written with the reply. */
    public void add(Writes writes, UUID tenantId, UUID replyId, Kept prompt) {
        writes.add(
                "prompt",
                "insert into prompts (message_id, tenant_id, body) values (:promptOf, :promptTenant, :prompt)",
                Map.of("promptOf", replyId, "promptTenant", tenantId, "prompt", prompt.packed()));
    }

    /** The prompt of a reply; nothing if it has none. */
    public Optional<JsonNode> find(JdbcClient jdbc, UUID replyId) {
        return jdbc.sql("select body from prompts where message_id = ?")
                .param(replyId)
                .query((row, n) -> unpack(row.getBytes(1)))
                .optional();
    }

    private JsonNode unpack(byte[] packed) {
        try (InputStream zip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return json.readTree(zip.readNBytes(MAX_READ));
        } catch (IOException damaged) {
            throw new IllegalStateException("A stored prompt cannot be read", damaged);
        }
    }
}
