package org.caravanserai.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A model behind OpenAI's API that takes a set time and says how many asked it at once. */
public class StandInModel extends StandInServer {

    private final ObjectMapper json = new ObjectMapper();
    private final long delayNanos;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger mostWaiting = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    public StandInModel(Duration delay) {
        this.delayNanos = delay.toNanos();
    }

    /** Whoever asks from now on waits until it goes on, and then the set time. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    /** Ends a {@link #hold()}. */
    public void goOn() {
        gate.countDown();
    }

    /** What makes a hub ask this model, by environment. */
    public Map<String, String> settings() {
        return Map.of("HUB_MODEL_PROVIDER", "openai", "OPENAI_API_KEY", "sk-none", "HUB_OPENAI_URL", uri() + "/v1");
    }

    /** The most calls that it worked on at once. */
    public int mostWaiting() {
        return mostWaiting.get();
    }

    /** The calls that it works on now. */
    public int waiting() {
        return waiting.get();
    }

    /** All calls so far. */
    public int asked() {
        return asked.get();
    }

    /** What it says to the last message of a prompt. */
    protected String answerTo(String last) {
        return "An answer to " + last.length() + " letters.";
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode messages =
                json.readTree(exchange.getRequestBody().readAllBytes()).path("messages");
        String last = messages.path(messages.size() - 1).path("content").toString();
        asked.incrementAndGet();
        mostWaiting.accumulateAndGet(waiting.incrementAndGet(), Math::max);
        await(gate);
        pause(delayNanos);
        waiting.decrementAndGet();
        Map<String, Object> message = Map.of("role", "assistant", "content", answerTo(last));
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
                        "stand-in",
                        "choices",
                        List.of(Map.of("index", 0, "finish_reason", "stop", "message", message)),
                        "usage",
                        Map.of("prompt_tokens", 100, "completion_tokens", 10, "total_tokens", 110))));
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await(2, TimeUnit.MINUTES);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
