package org.caravanserai.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.caravanserai.standin.StandInServer;

/** A model behind OpenAI's API that takes a set time and repeats the marks of the messages it is to answer. */
final class ModelServer extends StandInServer {

    private final ObjectMapper json = new ObjectMapper();
    private final long delayNanos;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger mostWaiting = new AtomicInteger();

    ModelServer(Duration delay) {
        this.delayNanos = delay.toNanos();
    }

    /** The most calls that waited at once. */
    int mostWaiting() {
        return mostWaiting.get();
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode messages =
                json.readTree(exchange.getRequestBody().readAllBytes()).path("messages");
        List<String> marks =
                Ledger.marks(messages.path(messages.size() - 1).path("content").toString());
        mostWaiting.accumulateAndGet(waiting.incrementAndGet(), Math::max);
        long until = System.nanoTime() + delayNanos;
        for (long left = delayNanos; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        waiting.decrementAndGet();
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
                        "bench",
                        "choices",
                        List.of(Map.of(
                                "index",
                                0,
                                "finish_reason",
                                "stop",
                                "message",
                                Map.of("role", "assistant", "content", "Answer to " + String.join(" ", marks)))),
                        "usage",
                        Map.of("prompt_tokens", 100, "completion_tokens", 10, "total_tokens", 110))));
    }
}
