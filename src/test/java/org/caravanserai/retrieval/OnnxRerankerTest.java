package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.caravanserai.failure.OwnCircuits;
import org.caravanserai.retrieval.Retriever.Found;
import org.caravanserai.startup.StartupFailure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * A cross-encoder from a file. Those of {@code fixtures/rerank} are small real models, made by the make-models.py beside
 * them: the logit of a pair is the number of pairs of equal words, one of the question and one of the passage, less 2. They
 * give it as [n, 1], as [n] (without token_type_ids), and as the second of two classes, [n, 2]. The tokenizer.json knows 26
 * English words by whole words, puts [CLS] question [SEP] passage [SEP], and says itself to cut the passage after 8 tokens
 * and to pad to 32, which the hub must overrule.
 */
class OnnxRerankerTest {

    private static final String FIXTURES = "src/test/resources/fixtures/rerank/";
    private static final String QUESTION = "when does the ferry leave";
    private static final int LONG = 2_000;

    private final List<OnnxReranker> open = new ArrayList<>();

    // no @Configuration: the scans of other tests must not find it
    @EnableConfigurationProperties(RerankProperties.class)
    static class Properties {}

    @AfterEach
    void closes() {
        open.forEach(OnnxReranker::close);
    }

    @ParameterizedTest
    @CsvSource({"column,1", "column,8", "flat,1", "flat,8", "two-classes,2", "two-classes,8"})
    void makesSharesOfTheLogitsInTheOrderOfThePassages(String model, int batchSize) throws Exception {
        OnnxReranker reranker = reranker(model, 512, batchSize, "5s");

        double[] scores = reranker.score(
                QUESTION,
                List.of(
                        "the ferry does not leave when the boat does",
                        "rye bread",
                        "The FERRY leaves at noon",
                        "roses grow in soil and not in bread",
                        "the ferry to the island"));

        assertThat(scores)
                .containsExactly(
                        new double[] {sigmoid(5), sigmoid(-2), sigmoid(0), sigmoid(-2), sigmoid(1)}, within(1e-6));
    }

    @Test
    void cutsAPassageThatIsTooLongAtItsEndAndNotTheQuestion() throws Exception {
        OnnxReranker reranker = reranker("column", 16, 8, "5s");
        String eight = "rye bread is baked daily in soil not";

        double[] scores = reranker.score(
                "bread and roses grow daily",
                List.of(eight + " roses", eight + " roses " + "roses ".repeat(LONG), "roses daily", ""));

        assertThat(scores)
                .containsExactly(new double[] {sigmoid(0), sigmoid(0), sigmoid(0), sigmoid(-2)}, within(1e-6));
    }

    @Test
    void readsAsFarAsItIsToldTo() throws Exception {
        OnnxReranker reranker = reranker("column", 1_024, 8, "5s");

        double[] scores =
                reranker.score("ferry", List.of("rye ".repeat(900) + "ferry", "rye ".repeat(1_100) + "ferry"));

        assertThat(scores).containsExactly(new double[] {sigmoid(-1), sigmoid(-2)}, within(1e-6));
    }

    @Test
    void seesWhatIsHiddenFromThoseOutside() {
        RerankProperties properties = properties("column", 512, 8, "5s");
        Reranking reranking = new Reranking(opened(properties), OwnCircuits.create(), properties);

        List<Found> ranked =
                reranking.apply("the ferry", List.of(found("bread"), found("the ferry")), text -> "[HIDDEN]");

        assertThat(ranked.getFirst().passage().text()).isEqualTo("the ferry");
        assertThat(ranked.getFirst().passage().score()).isCloseTo(sigmoid(0), within(1e-6));
        assertThat(ranked.getFirst().isReranked()).isTrue();
    }

    @Test
    void leavesTheFusedOrderWhenItIsNotDoneInTime() {
        RerankProperties properties = properties("column", 2_048, 1, "100ms");
        Reranking reranking = new Reranking(opened(properties), OwnCircuits.create(), properties);
        List<Found> fused = IntStream.range(0, 100)
                .mapToObj(i -> found("rye bread ".repeat(1_024)))
                .toList();
        long start = System.nanoTime();

        List<Found> ranked = reranking.apply("the ferry", fused, text -> text);

        assertThat(ranked).isEqualTo(fused);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void endsUnderCallsThatRunAndRefusesThoseThatFollow() throws Exception {
        OnnxReranker reranker = reranker("column", 512, 2, "30s");
        List<String> passages = Collections.nCopies(20, "the ferry leaves at noon ".repeat(100));
        CountDownLatch running = new CountDownLatch(12);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(callers.submit(() -> {
                    while (true) {
                        reranker.score(QUESTION, passages);
                        running.countDown();
                    }
                }));
            }
            assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();

            reranker.close();

            for (Future<?> call : calls) {
                assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            }
        }
        assertThatThrownBy(() -> reranker.score(QUESTION, passages)).isInstanceOf(IOException.class);
        reranker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"three-classes.onnx", "tokenizer.json"})
    void refusesAFileThatIsNoCrossEncoder(String file) {
        assertThatThrownBy(() -> opened(properties(FIXTURES + file, FIXTURES + "tokenizer.json")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("HUB_RERANK_MODEL_FILE")
                .hasMessageContaining(file)
                .extracting(failure -> ((StartupFailure) failure).action())
                .asString()
                .contains("Write the path of an ONNX file");
    }

    @Test
    void refusesAFileThatIsNoTokenizer(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\"vocab\":1}");

        assertThatThrownBy(() -> opened(properties(FIXTURES + "column.onnx", file.toString())))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("HUB_RERANK_TOKENIZER_FILE");
    }

    @ParameterizedTest
    @CsvSource({
        "onnx.model-file=/nowhere/model.onnx, HUB_RERANK_MODEL_FILE",
        "onnx.model-file=" + FIXTURES + ", HUB_RERANK_MODEL_FILE",
        "onnx.tokenizer-file=/nowhere/tokenizer.json, HUB_RERANK_TOKENIZER_FILE",
        "url=http://127.0.0.1:1/rerank, HUB_RERANK_URL",
        "onnx.max-length=0, from 16 to 8192",
        "onnx.threads=-1, from 1 to 256"
    })
    void refusesSettingsThatCannotBeUsed(String setting, String told) {
        runner(FIXTURES + "column.onnx", FIXTURES + "tokenizer.json")
                .withPropertyValues("hub.retrieval.rerank." + setting)
                .run(context ->
                        assertThat(context.getStartupFailure()).rootCause().hasMessageContaining(told));
    }

    private OnnxReranker reranker(String model, int maxLength, int batchSize, String timeout) {
        return opened(properties(model, maxLength, batchSize, timeout));
    }

    private OnnxReranker opened(RerankProperties properties) {
        OnnxReranker reranker = OnnxReranker.load(properties);
        open.add(reranker);
        return reranker;
    }

    private static RerankProperties properties(String model, int maxLength, int batchSize, String timeout) {
        return read(runner(FIXTURES + model + ".onnx", FIXTURES + "tokenizer.json")
                .withPropertyValues(
                        "hub.retrieval.rerank.depth=100",
                        "hub.retrieval.rerank.timeout=" + timeout,
                        "hub.retrieval.rerank.onnx.max-length=" + maxLength,
                        "hub.retrieval.rerank.onnx.batch-size=" + batchSize,
                        "hub.retrieval.rerank.onnx.threads=2"));
    }

    private static RerankProperties properties(String model, String tokenizer) {
        return read(runner(model, tokenizer));
    }

    private static RerankProperties read(ApplicationContextRunner runner) {
        List<RerankProperties> read = new ArrayList<>();
        runner.run(context -> read.add(context.getBean(RerankProperties.class)));
        return read.getFirst();
    }

    private static ApplicationContextRunner runner(String model, String tokenizer) {
        return new ApplicationContextRunner()
                .withUserConfiguration(Properties.class)
                .withPropertyValues(
                        "hub.retrieval.rerank.onnx.model-file=" + model,
                        "hub.retrieval.rerank.onnx.tokenizer-file=" + tokenizer);
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    private static Found found(String text) {
        return new Found(
                new Passage(UUID.randomUUID(), UUID.randomUUID(), "a.md", 0, null, null, text, 0.5, 0.5, null),
                0.7,
                false);
    }
}
