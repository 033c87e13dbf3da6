package org.caravanserai.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import java.util.List;

/**
 * Stands between a stream and langchain4j, which passes over errors that come in mid-stream, and logs events that it cannot
 * read with their text: the first error ends the stream here.
 */
final class CheckedEvents implements ServerSentEventListener {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DONE = "[DONE]";

    private final ServerSentEventListener listener;
    private final StreamDialect dialect;
    private final List<String> keys;
    private RuntimeException failure;

    /** @param keys what must not be quoted in errors */
    CheckedEvents(ServerSentEventListener listener, StreamDialect dialect, List<String> keys) {
        this.listener = listener;
        this.dialect = dialect;
        this.keys = keys;
    }

    @Override
    public void onOpen(SuccessfulHttpResponse response) {
        listener.onOpen(response);
    }

    @Override
    public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
        if (failure != null || event.data() == null || event.data().isBlank()) {
            return;
        }
        try {
            listener.onEvent(DONE.equals(event.data().strip()) ? event : checked(event), context);
        } catch (RuntimeException failed) {
            failure = failed;
            context.parsingHandle().cancel();
        }
    }

    private ServerSentEvent checked(ServerSentEvent event) {
        JsonNode root;
        try {
            root = JSON.readTree(event.data());
        } catch (JsonProcessingException broken) {
            throw new UnusableAnswerException("a stream that cannot be read", true); // its message quotes the event
        }
        ProviderErrors.of(root, keys).ifPresent(error -> {
            throw error;
        });
        boolean isChanged = root instanceof ObjectNode object && dialect.adapt(object);
        return isChanged ? new ServerSentEvent(event.event(), root.toString()) : event;
    }

    /** The parser met the connection's end before the stream's. */
    @Override
    public void onError(Throwable broken) {
        if (failure == null) {
            failure = broken instanceof RuntimeException known
                    ? known
                    : new IllegalStateException("the stream broke off", broken);
        }
    }

    @Override
    public void onClose() {
        if (failure == null) {
            listener.onClose();
        }
    }

    /** @throws RuntimeException what ended the stream, if anything did */
    void rethrow() {
        if (failure != null) {
            throw failure;
        }
    }
}
