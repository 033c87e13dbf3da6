package org.caravanserai.administration;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.caravanserai.model.AnswerStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * Writes an answer as server-sent events while the model writes it: {@code delta} with a further part, {@code restart} when what
 * came so far is void, at the end {@code answer} with the whole or {@code problem}. Nothing is sent before the first of them, so that
 * what fails before has its status.
 */
final class AnswerEvents implements AnswerStream {

    private final HttpServletResponse response;
    private final ObjectMapper json;
    private boolean hasBegun;

    AnswerEvents(HttpServletResponse response, ObjectMapper json) {
        this.response = response;
        this.json = json;
    }

    boolean hasBegun() {
        return hasBegun;
    }

    @Override
    public void text(String part) {
        send("delta", Map.of("text", part));
    }

    @Override
    public void restart() {
        send("restart", Map.of());
    }

    /** @throws UncheckedIOException if the reader has gone */
    void send(String event, Object data) {
        try {
            if (!hasBegun) {
                hasBegun = true;
                response.setStatus(HttpServletResponse.SC_OK);
                response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
                response.setCharacterEncoding(StandardCharsets.UTF_8.name());
                response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
                response.setHeader("X-Accel-Buffering", "no"); // nginx would hold the events back
            }
            String text = "event: " + event + "\ndata: " + json.writeValueAsString(data) + "\n\n";
            response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            response.flushBuffer();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
