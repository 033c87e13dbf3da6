package org.caravanserai.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Plays an embedding server, OpenAI's {@code /embeddings} and Ollama's {@code /api/embed}: the same text always gets the same
 * vector, of any length. Answers that were put in line come first.
 */
public final class StandInEmbeddings extends StandInServer {

    /** A request as it came. */
    public record Request(String path, String authorization, String model, List<String> texts, JsonNode body) {}

    /** An answer put in line. @param retryAfter a header's value, or null */
    public record Answer(int status, String retryAfter, String body) {}

    private final ObjectMapper json = new ObjectMapper();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Queue<Answer> inLine = new ConcurrentLinkedQueue<>();
    private volatile int dimension = 8;
    private volatile boolean backwards;

    /** The requests so far. */
    public List<Request> requests() {
        return requests;
    }

    /** The next request gets this. */
    public void answerNext(int status, String retryAfter, String body) {
        inLine.add(new Answer(status, retryAfter, body));
    }

    /** How many numbers a vector has from now on. */
    public void dimension(int numbers) {
        dimension = numbers;
    }

    /** From now on the last vector stands first, under its own index. */
    public void backwards() {
        backwards = true;
    }

    /** The vector of a text, of no particular length. */
    public static float[] vector(String text, int dimension) {
        Random random = new Random(text.hashCode());
        float[] vector = new float[dimension];
        for (int i = 0; i < dimension; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return vector;
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode body = json.readTree(exchange.getRequestBody());
        List<String> texts = json.convertValue(
                body.get("input"), json.getTypeFactory().constructCollectionType(List.class, String.class));
        String path = exchange.getRequestURI().getPath();
        requests.add(new Request(
                path,
                exchange.getRequestHeaders().getFirst("Authorization"),
                body.path("model").asText(),
                texts,
                body));
        Answer answer = inLine.poll();
        if (answer == null) {
            answer = new Answer(200, null, path.endsWith("/api/embed") ? ollama(texts) : openAi(texts));
        }
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (answer.retryAfter() != null) {
            exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
        }
        answer(exchange, answer.status(), answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private String openAi(List<String> texts) {
        ObjectNode root = json.createObjectNode().put("object", "list").put("model", "stand-in");
        ArrayNode data = root.putArray("data");
        for (int i = 0; i < texts.size(); i++) {
            ObjectNode one = json.createObjectNode().put("object", "embedding").put("index", i);
            one.set("embedding", json.valueToTree(vector(texts.get(i), dimension)));
            if (backwards) {
                data.insert(0, one);
            } else {
                data.add(one);
            }
        }
        root.putObject("usage").put("prompt_tokens", 4 * texts.size()).put("total_tokens", 4 * texts.size());
        return root.toString();
    }

    private String ollama(List<String> texts) {
        ObjectNode root = json.createObjectNode().put("model", "stand-in");
        ArrayNode vectors = root.putArray("embeddings");
        texts.forEach(text -> vectors.add(json.valueToTree(vector(text, dimension))));
        return root.put("total_duration", 14143917)
                .put("load_duration", 1019500)
                .put("prompt_eval_count", 8)
                .toString();
    }
}
