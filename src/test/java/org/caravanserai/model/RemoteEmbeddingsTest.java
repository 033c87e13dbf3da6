package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.QuestionsFirst;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.standin.StandInEmbeddings;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The embedding providers behind HTTP, as the hub uses them, against a server on loopback. */
class RemoteEmbeddingsTest {

    private static final TenantSettings HIDING = JsonMapper.builder()
            .build()
            .convertValue(Map.of("pii", Map.of("mask", List.of("email", "phone"))), TenantSettings.class);

    private final StandInEmbeddings server = new StandInEmbeddings();
    private final List<AnnotationConfigApplicationContext> started = new ArrayList<>();
    private final FreeEmbeddings ledger = new FreeEmbeddings();

    // no @Configuration: the scans of other tests must not find it
    @EnableConfigurationProperties(EmbeddingProperties.class)
    @Import({Circuits.class, SimpleMeterRegistry.class, EmbeddingConfiguration.class})
    static class Models {
        @Bean
        EmbeddingCache cache(EmbeddingProperties properties) {
            return new EmbeddingCache(null, properties); // keeps nothing: cache-rows is 0
        }
    }

    @AfterEach
    void stop() {
        started.forEach(AnnotationConfigApplicationContext::close);
        server.close();
    }

    @Test
    void asksOpenAiAsItsApiWantsIt() {
        EmbeddingModel model = openAi("hub.embedding.openai.api-key=sk-secret", "hub.embedding.dimensions=512");

        model.embedAll(passages("a", "b"));

        StandInEmbeddings.Request request = server.requests().getFirst();
        assertThat(request.path()).isEqualTo("/v1/embeddings");
        assertThat(request.authorization()).isEqualTo("Bearer sk-secret");
        assertThat(request.texts()).containsExactly("a", "b");
        assertThat(request.model()).isEqualTo("text-embedding-3-small");
        assertThat(request.body().path("dimensions").asInt()).isEqualTo(512);
        assertThat(model.modelName()).isEqualTo("text-embedding-3-small@512");
    }

    @Test
    void asksOllamaAsItsApiWantsIt() {
        EmbeddingModel model = model(
                "hub.embedding.provider=ollama",
                "hub.embedding.model=all-minilm",
                "hub.embedding.ollama.url=" + server.uri());

        List<Embedding> vectors = model.embedAll(passages("a", "b")).content();

        assertThat(server.requests().getFirst().path()).isEqualTo("/api/embed");
        assertThat(server.requests().getFirst().model()).isEqualTo("all-minilm");
        assertThat(vectors).containsExactly(unit("a"), unit("b"));
    }

    @Test
    void givesEachTextItsOwnVectorWhateverTheirOrder() {
        EmbeddingModel model = openAi();
        server.backwards();

        List<Embedding> vectors = model.embedAll(passages("a", "b", "c", "a")).content();

        assertThat(vectors).containsExactly(unit("a"), unit("b"), unit("c"), unit("a"));
        assertThat(server.requests().getFirst().texts())
                .as("the same text once")
                .hasSize(3);
    }

    @Test
    void makesEveryVectorOfLengthOne() {
        float[] vector = openAi().embed("a question").content().vector();

        assertThat(Math.sqrt(IntStream.range(0, vector.length)
                        .mapToDouble(i -> vector[i] * vector[i])
                        .sum()))
                .isCloseTo(1, within(1e-5));
    }

    @Test
    void keepsToTheLimitOfTextsARequest() {
        EmbeddingModel model = openAi();

        model.embedAll(IntStream.range(0, 5_000)
                .mapToObj(i -> TextSegment.from("text " + i))
                .toList());

        assertThat(server.requests().stream().map(r -> r.texts().size())).containsExactly(2_048, 2_048, 904);
    }

    @Test
    void keepsToTheLimitOfTokensARequest() {
        EmbeddingModel model = openAi();

        model.embedAll(IntStream.range(0, 50)
                .mapToObj(i -> TextSegment.from(i + " word".repeat(7_999)))
                .toList());

        assertThat(server.requests().stream().map(r -> r.texts().size())).containsExactly(37, 13);
    }

    @Test
    void tellsQuestionsFromPassagesWhereTheModelsCardDemandsIt() {
        EmbeddingModel e5 = openAi("hub.embedding.model=intfloat/multilingual-e5-small");
        EmbeddingModel nomic =
                openAi("hub.embedding.query-prefix=search_query:", "hub.embedding.passage-prefix=search_document:");

        e5.embed("who?");
        e5.embedAll(passages("He."));
        nomic.embed("who?");
        nomic.embedAll(passages("He."));

        assertThat(server.requests().stream().map(r -> r.texts().getFirst()))
                .containsExactly("query: who?", "passage: He.", "search_query: who?", "search_document: He.");
        assertThat(e5.modelName()).isEqualTo("intfloat/multilingual-e5-small");
        assertThat(nomic.modelName()).startsWith("text-embedding-3-small#");
    }

    @Test
    void recordsWhatWasPaidForAndWhose() {
        UUID tenant = UUID.randomUUID();

        openAi().embed(TenantText.of(tenant, TenantSettings.NONE, "a question"));

        assertThat(ledger.told()).containsExactly(new EmbeddingSpend(tenant, "openai", "text-embedding-3-small", 1, 4));
    }

    @Test
    void showsNobodyOutsideWhatATenantWantsHiddenAndTheSameInQuestionAndPassage() {
        UUID tenant = UUID.randomUUID();
        EmbeddingModel model = openAi();

        model.embed(TenantText.of(tenant, HIDING, "Whose is +43 660 1234567, ada@example.com's?"));
        model.embedAll(List.of(
                TenantText.of(tenant, HIDING, "Call Ada\n+43 660 1234567 or bob@example.com, 20:15 on 2026-11-21."),
                TenantText.of(tenant, HIDING, "Call Ada\n+1 202 555 0143 or eve@example.com, 20:15 on 2026-11-21."),
                TenantText.of(tenant, TenantSettings.NONE, "Call +43 660 1234567.")));

        assertThat(server.requests().stream().flatMap(r -> r.texts().stream()))
                .as("what differs in hidden values alone is one text")
                .containsExactly(
                        "Whose is [PHONE], [EMAIL]'s?",
                        "Call Ada\n[PHONE] or [EMAIL], 20:15 on 2026-11-21.",
                        "Call +43 660 1234567.");
    }

    @Test
    void hidesItBehindThePrefixThatTheModelWants() {
        EmbeddingModel model = openAi("hub.embedding.query-prefix=1234567:");

        model.embed(TenantText.of(UUID.randomUUID(), HIDING, "Call 1234567"));

        assertThat(server.requests().getFirst().texts()).containsExactly("1234567: Call [PHONE]");
    }

    @Test
    void hidesNothingFromAModelInTheHubItself() {
        String text = "Call +43 660 1234567.";
        EmbeddingModel model = model("hub.embedding.provider=embedded");

        assertThat(model.embed(TenantText.of(UUID.randomUUID(), HIDING, text)).content())
                .isEqualTo(model.embed(text).content())
                .isNotEqualTo(model.embed("Call [PHONE].").content());
    }

    @Test
    void waitsAsLongAsABusyServerAsks() {
        server.answerNext(429, "1", "{}");
        long start = System.nanoTime();

        List<Embedding> vectors = openAi().embedAll(passages("a")).content();

        assertThat(vectors).containsExactly(unit("a"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void comesBackLaterWhenItIsToldToWaitLong() {
        server.answerNext(429, "3600", "{}");

        RetryableException later =
                catchThrowableOfType(RetryableException.class, () -> openAi().embedAll(passages("a")));

        assertThat(later.retryAfter()).contains(Duration.ofHours(1));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void triesABoundedNumberOfTimes() {
        EmbeddingModel model = openAi("hub.embedding.max-attempts=3");
        for (int i = 0; i < 5; i++) {
            server.answerNext(503, null, "busy");
        }

        assertThatThrownBy(() -> model.embedAll(passages("a"))).isInstanceOf(RetryableException.class);
        int forPassages = server.requests().size();
        assertThatThrownBy(() -> model.embed("a question")).isInstanceOf(RetryableException.class);

        assertThat(forPassages).isEqualTo(3);
        assertThat(server.requests()).as("a question has less time").hasSize(5);
    }

    @Test
    void sparesAServerThatFailsAgainAndAgain() {
        EmbeddingModel model = openAi("hub.embedding.max-attempts=1");
        for (int i = 0; i < 5; i++) {
            server.answerNext(500, null, "{}");
            assertThatThrownBy(() -> model.embed("a question")).isInstanceOf(RetryableException.class);
        }

        assertThatThrownBy(() -> model.embed("a question")).hasMessageContaining("spared");
        assertThat(server.requests()).hasSize(5);
    }

    @Test
    void givesUpAtOnceWhenItIsRefusedAndKeepsTheKeyToItself() {
        server.answerNext(401, null, "{\"error\":{\"message\":\"Incorrect API key provided: sk-secret\"}}");

        assertThatThrownBy(
                        () -> openAi("hub.embedding.openai.api-key=sk-secret").embedAll(passages("a")))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("check its API key")
                .hasMessageNotContaining("sk-secret");
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "null",
                "<html>maintenance</html>",
                "{\"error\":{\"message\":\"overloaded\"}}",
                "{\"object\":\"list\",\"data\":[]}",
                "{\"data\":[{\"index\":0,\"embedding\":[]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[0,0,0]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1e39,1,1]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1,2]},{\"index\":1,\"embedding\":[1,2]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":null}]}"
            })
    void takesNoAnswerThatIsNoListOfVectors(String body) {
        EmbeddingModel model = openAi("hub.embedding.max-attempts=1");
        server.answerNext(200, null, body);

        assertThatThrownBy(() -> model.embedAll(passages("a"))).isInstanceOf(RetryableException.class);
        assertThat(model.embedAll(passages("a")).content()).containsExactly(unit("a"));
    }

    @Test
    void mixesNoDimensions() {
        EmbeddingModel model = openAi();
        model.embed("a");
        server.dimension(16);

        assertThatThrownBy(() -> model.embed("a"))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("of 8 numbers before and now of 16");
    }

    @Test
    void doesNotWaitForAnAnswerThatNeverEnds() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> trickle(silent));
            EmbeddingModel model = model(
                    "hub.embedding.provider=openai",
                    "hub.embedding.openai.url=http://127.0.0.1:" + silent.getLocalPort() + "/v1",
                    "hub.embedding.timeout=1s",
                    "hub.embedding.max-attempts=1");
            long start = System.nanoTime();

            assertThatThrownBy(() -> model.embed("a")).isInstanceOf(RetryableException.class);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    private static void trickle(ServerSocket server) {
        try (var connection = server.accept()) {
            connection.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":[".getBytes());
            connection.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException over) {
            throw new UncheckedIOException(over);
        }
    }

    private EmbeddingModel openAi(String... more) {
        return model(Stream.concat(
                        Stream.of("hub.embedding.provider=openai", "hub.embedding.openai.url=" + server.uri() + "/v1"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private EmbeddingModel model(String... properties) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        TestPropertyValues.of("hub.embedding.cache-rows=0").and(properties).applyTo(context);
        context.register(Models.class, QuestionsFirst.class);
        context.registerBean(EmbeddingLedger.class, () -> ledger);
        context.refresh();
        started.add(context);
        return context.getBean(EmbeddingModel.class);
    }

    private static List<TextSegment> passages(String... texts) {
        return Stream.of(texts).map(TextSegment::from).toList();
    }

    private static Embedding unit(String text) {
        Embedding vector = Embedding.from(StandInEmbeddings.vector(text, 8));
        double length = Math.sqrt(
                vector.vectorAsList().stream().mapToDouble(n -> (double) n * n).sum());
        float[] unit = vector.vector();
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (unit[i] / length);
        }
        return Embedding.from(unit);
    }
}
