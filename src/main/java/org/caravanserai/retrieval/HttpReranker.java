package org.caravanserai.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A rerank endpoint. Cohere, Jina and Voyage take {@code query} and {@code documents} and answer {@code results} of
 * {@code index} and {@code relevance_score}; text-embeddings-inference takes {@code query} and {@code texts} and answers a
 * list of {@code index} and {@code score}.
 */
final class HttpReranker implements Reranker {

    private static final int MAX_PASSAGE = 4_000;
    private static final int MAX_ANSWER = 1024 * 1024;
    private static final int OK = 200;

    private final RerankProperties properties;
    private final ObjectMapper json;
    private final HttpClient http;

    HttpReranker(RerankProperties properties, ObjectMapper json) {
        this.properties = properties;
        this.json = json;
        this.http = HttpClient.newBuilder()
                .connectTimeout(properties.timeout())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    @Override
    public double[] score(String question, List<String> passages) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(properties.url())
                .timeout(properties.timeout())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body(question, passages))));
        if (!properties.apiKey().isBlank()) {
            request.header("Authorization", "Bearer " + properties.apiKey());
        }
        // the request's own timeout ends with the headers; this one covers the body too
        CompletableFuture<byte[]> answer = http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                .thenApplyAsync(this::read, Thread::startVirtualThread);
        try {
            return scores(answer.get(properties.timeout().toMillis(), TimeUnit.MILLISECONDS), passages.size());
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new IOException("The reranker did not answer within " + properties.timeout() + ".", late);
        } catch (ExecutionException failed) {
            throw new IOException("The reranker could not be asked.", failed.getCause());
        }
    }

    @Override
    public String name() {
        return properties.url().getHost();
    }

    @Override
    public boolean isOutside() {
        return true;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private Map<String, Object> body(String question, List<String> passages) {
        List<String> texts = passages.stream().map(HttpReranker::bound).toList();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("query", question);
        if (properties.style().equals("tei")) {
            body.put("texts", texts);
            body.put("truncate", true);
        } else {
            body.put("documents", texts);
            body.put("top_n", texts.size());
            if (!properties.model().isBlank()) {
                body.put("model", properties.model());
            }
        }
        return body;
    }

    private byte[] read(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(MAX_ANSWER);
            if (response.statusCode() != OK) {
                throw new IllegalStateException("The reranker answered " + response.statusCode() + ".");
            }
            return bytes;
        } catch (IOException broken) {
            throw new IllegalStateException("The reranker's answer broke off.", broken);
        }
    }

    private double[] scores(byte[] answer, int passages) throws IOException {
        JsonNode root = json.readTree(answer);
        JsonNode results = root.isArray() ? root : root.path("results");
        double[] scores = new double[passages];
        Arrays.fill(scores, Double.NaN);
        for (JsonNode result : results) {
            int index = result.path("index").asInt(-1);
            JsonNode score = result.has("relevance_score") ? result.get("relevance_score") : result.path("score");
            if (index < 0 || index >= passages || !score.isNumber()) {
                throw new IOException("The reranker's answer is not what its style has.");
            }
            scores[index] = score.asDouble();
        }
        if (Arrays.stream(scores).anyMatch(Double::isNaN)) {
            throw new IOException("The reranker left passages out.");
        }
        boolean areLogits = Arrays.stream(scores).anyMatch(score -> score < 0 || score > 1);
        return areLogits ? Arrays.stream(scores).map(Reranker::sigmoid).toArray() : scores;
    }

    private static String bound(String text) {
        if (text.length() <= MAX_PASSAGE) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_PASSAGE - 1)) ? MAX_PASSAGE - 1 : MAX_PASSAGE;
        return text.substring(0, end);
    }
}
