package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.OwnCircuits;
import org.caravanserai.retrieval.Retriever.Found;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rerank endpoint that does, and does not, answer as it should. */
class RerankingTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Found> FUSED = List.of(found("one", 1), found("two", 0.8), found("three", 0.5));

    private final Circuits circuits = OwnCircuits.create();
    private final AtomicReference<JsonNode> asked = new AtomicReference<>();
    private final AtomicReference<String> authorization = new AtomicReference<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);
    private HttpServer server;
    private volatile int status = 200;
    private volatile String answer = "";
    private volatile boolean hangs;

    @BeforeEach
    void startsTheEndpoint() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/rerank", exchange -> {
            calls.incrementAndGet();
            asked.set(JSON.readTree(exchange.getRequestBody()));
            authorization.set(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, hangs ? 0 : bytes.length);
            if (hangs) {
                awaitRelease();
            }
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopsTheEndpoint() {
        released.countDown();
        server.stop(0);
    }

    @Test
    void reordersAsCoheresShapeSays() {
        answer = """
                {"id":"r","results":[{"index":2,"relevance_score":0.9},{"index":0,"relevance_score":0.2},
                  {"index":1,"relevance_score":0.1}]}""";

        List<Found> ranked = reranking("cohere", 30).apply("why", FUSED, UnaryOperator.identity());

        assertThat(texts(ranked)).containsExactly("three", "one", "two");
        assertThat(ranked.getFirst().passage().score()).isEqualTo(0.9);
        assertThat(ranked.getFirst().isReranked()).isTrue();
        assertThat(asked.get().path("query").asText()).isEqualTo("why");
        assertThat(asked.get().path("documents")).hasSize(3);
        assertThat(asked.get().path("model").asText()).isEqualTo("rerank-1");
        assertThat(authorization.get()).isEqualTo("Bearer secret");
    }

    @Test
    void takesLogitsOfTextEmbeddingsInference() {
        answer = """
                [{"index":1,"score":4.0},{"index":0,"score":0.5},{"index":2,"score":-3.0}]""";

        List<Found> ranked = reranking("tei", 30).apply("why", FUSED, UnaryOperator.identity());

        assertThat(texts(ranked)).containsExactly("two", "one", "three");
        assertThat(ranked.get(1).passage().score()).isCloseTo(1 / (1 + Math.exp(-0.5)), within(1e-9));
        assertThat(asked.get().path("texts")).hasSize(3);
    }

    @Test
    void leavesWhatLiesBeyondItsDepthBehindTheRest() {
        answer = """
                {"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.2}]}""";

        List<Found> ranked = reranking("cohere", 2).apply("why", FUSED, UnaryOperator.identity());

        assertThat(texts(ranked)).containsExactly("two", "one", "three");
        assertThat(ranked.getLast().passage().score()).isLessThan(0.2);
        assertThat(asked.get().path("documents")).hasSize(2);
    }

    @Test
    void showsNeitherInTheQuestionNorInThePassagesWhatIsToBeHidden() {
        answer = """
                {"results":[{"index":2,"relevance_score":0.9},{"index":0,"relevance_score":0.2},
                  {"index":1,"relevance_score":0.1}]}""";

        List<Found> ranked =
                reranking("cohere", 30).apply("why two?", FUSED, text -> text.replace("two", "[NUMBER_1]"));

        assertThat(asked.get().path("query").asText()).isEqualTo("why [NUMBER_1]?");
        assertThat(asked.get().path("documents").get(1).asText()).isEqualTo("[NUMBER_1]");
        assertThat(texts(ranked)).containsExactly("three", "one", "two");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "{\"results\":[]}",
                "{\"results\":[{\"index\":7,\"relevance_score\":1}]}",
                "{\"results\":[{\"index\":0,\"relevance_score\":\"high\"}]}",
                "{\"results\":[{\"index\":0,\"relevance_score\":1}]}"
            })
    void keepsTheFusedOrderWhenTheAnswerIsOfNoUse(String nonsense) {
        answer = nonsense;

        assertThat(reranking("cohere", 30).apply("why", FUSED, UnaryOperator.identity()))
                .isEqualTo(FUSED);
    }

    @Test
    void keepsTheFusedOrderWhenTheEndpointHangsInItsAnswer() {
        hangs = true;
        long start = System.nanoTime();

        assertThat(reranking("cohere", 30).apply("why", FUSED, UnaryOperator.identity()))
                .isEqualTo(FUSED);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void sparesAnEndpointThatFailsAgainAndAgain() {
        status = 500;
        Reranking reranking = reranking("cohere", 30);

        for (int i = 0; i < 30; i++) {
            assertThat(reranking.apply("why", FUSED, UnaryOperator.identity())).isEqualTo(FUSED);
        }

        assertThat(calls.get()).isLessThan(30);
    }

    private Reranking reranking(String style, int depth) {
        RerankProperties properties = new RerankProperties(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/rerank"),
                "secret",
                style,
                "rerank-1",
                depth,
                Duration.ofMillis(500),
                0,
                new RerankProperties.Onnx("", "", 512, 8, 0));
        return new Reranking(new HttpReranker(properties, JSON), circuits, properties);
    }

    private void awaitRelease() {
        try {
            released.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> texts(List<Found> found) {
        return found.stream().map(one -> one.passage().text()).toList();
    }

    private static Found found(String text, double score) {
        return new Found(
                new Passage(UUID.randomUUID(), UUID.randomUUID(), "a.md", 0, null, null, text, score, 0.5, null),
                0.7,
                false);
    }
}
