package org.caravanserai.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * OpenAI, Groq, Anthropic and Ollama on loopback, each at its own path, whole and in streams. It answers a greeting unless it
 * is told what to do with the next requests; streams are written a byte at a time.
 */
public final class StandInProviders extends StandInServer {

    public static final List<String> ALL = List.of("openai", "groq", "anthropic", "ollama");
    public static final String TEXT = "Ab neun \u2013 \uD83D\uDC2B [1].";
    public static final int INPUT_TOKENS = 1000;
    public static final int OUTPUT_TOKENS = 50;

    private final ObjectMapper json = new ObjectMapper();
    private final Deque<Act> acts = new ConcurrentLinkedDeque<>();
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();

    private final AtomicInteger abandoned = new AtomicInteger();

    /** What came in. */
    public record Request(String path, Map<String, List<String>> headers, JsonNode body) {

        public String header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> header.getValue().getFirst())
                    .findFirst()
                    .orElse(null);
        }
    }

    /** What is done with one request. */
    @FunctionalInterface
    public interface Act {
        void on(HttpExchange exchange, String provider, boolean isStream) throws IOException;
    }

    /** The environment's names as properties, so that the hub asks this server for every provider. */
    public Map<String, String> properties() {
        return Map.of(
                "hub.model.openai.url", url("openai"),
                "hub.model.openai.api-key", "sk-operators-own-key-1",
                "hub.model.groq.url", url("groq"),
                "hub.model.groq.api-key", "gsk_operators_own_key_2",
                "hub.model.anthropic.url", url("anthropic"),
                "hub.model.anthropic.api-key", "sk-ant-operators-own-key-3",
                "hub.model.ollama.url", url("ollama"));
    }

    /** A provider's address as its own library takes it. */
    public String url(String provider) {
        return uri() + (provider.equals("openai") ? "/v1" : "");
    }

    /** The next requests, in this order; after them it greets again. */
    public StandInProviders next(Act... following) {
        acts.addAll(List.of(following));
        return this;
    }

    /** Leaves what it was still to do. */
    public void forget() {
        acts.clear();
    }

    /** How many answers were left by their reader before their end. */
    public int abandoned() {
        return abandoned.get();
    }

    /** Those since the last time. */
    public List<Request> takeRequests() {
        List<Request> taken = List.copyOf(requests);
        requests.removeAll(taken);
        return taken;
    }

    /** An error, in the words of the provider. @param headers name, value, name, value */
    public static Act error(int status, String code, String... headers) {
        return (exchange, provider, isStream) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            sendJson(exchange, status, Wire.of(provider).error(code));
        };
    }

    /** This body with this status, for streams too. */
    public static Act body(int status, String body) {
        return (exchange, provider, isStream) -> sendJson(exchange, status, body);
    }

    /** An answer of this text, with this end. @param finish the provider's word for stop, length or refusal */
    public static Act text(String text, String finish) {
        return (exchange, provider, isStream) -> send(exchange, isStream, Wire.of(provider), text, finish, false);
    }

    /** A call of the tools look_up and open_door, in fragments where the provider has such. */
    public static Act tools() {
        return (exchange, provider, isStream) -> send(exchange, isStream, Wire.of(provider), null, "tools", false);
    }

    /** Half of an answer and then an error, after status 200. */
    public static Act midStreamError() {
        return (exchange, provider, isStream) -> {
            open(exchange, 200, isStream ? Wire.of(provider).streamType() : "application/json");
            try (OutputStream out = exchange.getResponseBody()) {
                bytewise(
                        out,
                        Wire.of(provider).stream("Half an answer", null)
                                + Wire.of(provider).streamError());
            }
        };
    }

    /** A stream that ends before it says so. */
    public static Act cutOff() {
        return (exchange, provider, isStream) -> {
            open(exchange, 200, Wire.of(provider).streamType());
            try (OutputStream out = exchange.getResponseBody()) {
                bytewise(out, Wire.of(provider).stream("Half an answer", null));
            }
        };
    }

    /** Waits for something. */
    @FunctionalInterface
    public interface Wait {
        void here() throws InterruptedException;
    }

    /** Most of a streamed answer, a wait, and its end. */
    public static void stream(HttpExchange exchange, String provider, String text, Wait wait)
            throws IOException, InterruptedException {
        String whole = Wire.of(provider).stream(text, "stop");
        String begin = Wire.of(provider).stream(text, null);
        open(exchange, 200, Wire.of(provider).streamType());
        try (OutputStream out = exchange.getResponseBody()) {
            bytewise(out, begin);
            wait.here();
            bytewise(out, whole.substring(begin.length()));
        }
    }

    /** Text without end. @param pause between two writes */
    public static Act endless(Duration pause) {
        return (exchange, provider, isStream) -> {
            open(exchange, 200, isStream ? Wire.of(provider).streamType() : "application/json");
            byte[] part = (isStream ? Wire.of(provider).stream("more and more ", null) : "        ".repeat(512))
                    .getBytes(StandardCharsets.UTF_8);
            try (OutputStream out = exchange.getResponseBody()) {
                while (!Thread.currentThread().isInterrupted()) {
                    out.write(part);
                    out.flush();
                    LockSupport.parkNanos(pause.toNanos());
                }
            }
        };
    }

    /** No answer until the server closes. */
    public static Act silence() {
        return (exchange, provider, isStream) -> {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(Duration.ofSeconds(60).toNanos());
            }
        };
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        JsonNode body = json.readTree(exchange.getRequestBody().readAllBytes());
        requests.add(new Request(path, Map.copyOf(exchange.getRequestHeaders()), body));
        String provider =
                switch (path) {
                    case "/v1/chat/completions" -> "openai";
                    case "/openai/v1/chat/completions" -> "groq";
                    case "/v1/messages" -> "anthropic";
                    case "/api/chat" -> "ollama";
                    default -> null;
                };
        if (provider == null) {
            sendJson(exchange, 404, "{\"error\":{\"message\":\"no such path\"}}");
            return;
        }
        boolean isStream = provider.equals("ollama")
                ? body.path("stream").asBoolean(true)
                : body.path("stream").asBoolean(false);
        Act act = acts.poll();
        try {
            (act == null ? text(TEXT, "stop") : act).on(exchange, provider, isStream);
        } catch (IOException left) {
            abandoned.incrementAndGet();
            throw left;
        }
        exchange.close();
    }

    private static void send(
            HttpExchange exchange, boolean isStream, Wire wire, String text, String finish, boolean isCut)
            throws IOException {
        if (!isStream) {
            sendJson(exchange, 200, wire.whole(text, finish));
            return;
        }
        open(exchange, 200, wire.streamType());
        try (OutputStream out = exchange.getResponseBody()) {
            bytewise(out, wire.stream(text, finish));
        }
    }

    private static void open(HttpExchange exchange, int status, String type) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(status, 0);
    }

    private static void bytewise(OutputStream out, String text) throws IOException {
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            out.write(one);
            out.flush();
        }
    }

    private static void sendJson(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        answer(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }
}
