package org.caravanserai.inbound.webchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A page with a socket, as the JDK's client makes it. */
public final class Page implements WebSocket.Listener, AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final ObjectMapper json = new ObjectMapper();
    private final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;
    private long seen;

    /** @param origin null sends none */
    public Page(HttpClient http, URI door, String token, String origin, long after) {
        WebSocket.Builder opening = http.newWebSocketBuilder().connectTimeout(SOON);
        if (origin != null) {
            opening.header("Origin", origin);
        }
        socket = opening.subprotocols("caravanserai.webchat.v1", token)
                .buildAsync(URI.create(door + "/socket?after=" + after), this)
                .join();
    }

    /** Says something, under an id of the page's own. */
    public Page write(String id, String said) throws JsonProcessingException {
        return raw(json.createObjectNode().put("id", id).put("text", said).toString());
    }

    /** Sends a frame as it is. */
    public Page raw(String frame) {
        socket.sendText(frame, true).join();
        return this;
    }

    /** The next frame. */
    public JsonNode next() throws InterruptedException {
        JsonNode frame = frames.poll(SOON.toMillis(), TimeUnit.MILLISECONDS);
        if (frame == null) {
            throw new AssertionError("no frame came; closed: " + closed.getNow(null));
        }
        seen = Math.max(seen, frame.path("position").asLong(0));
        return frame;
    }

    /** The greatest position that it has seen. */
    public long seen() {
        return seen;
    }

    /** All frames up to the first of that type, which is the last. */
    public List<JsonNode> until(String type) throws InterruptedException {
        return until("type", type);
    }

    /** All frames up to the first message of that author, which is the last. */
    public List<JsonNode> untilMessage(String author) throws InterruptedException {
        return until("author", author);
    }

    /** The first message of that author that comes. */
    public JsonNode message(String author) throws InterruptedException {
        return untilMessage(author).getLast();
    }

    private List<JsonNode> until(String member, String value) throws InterruptedException {
        List<JsonNode> came = new ArrayList<>();
        do {
            came.add(next());
        } while (!came.getLast().path(member).asText().equals(value));
        return came;
    }

    /** Whether nothing comes for a while. */
    public boolean isQuiet(Duration time) throws InterruptedException {
        return frames.poll(time.toMillis(), TimeUnit.MILLISECONDS) == null;
    }

    /** Why it was closed, once it is. */
    public int closeCode() {
        return closed.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        text.append(part);
        if (last) {
            try {
                frames.add(json.readTree(text.toString()));
            } catch (JsonProcessingException broken) {
                throw new IllegalStateException(broken);
            }
            text.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        closed.completeExceptionally(failure);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
