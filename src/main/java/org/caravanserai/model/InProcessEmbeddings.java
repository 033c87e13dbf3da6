package org.caravanserai.model;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import dev.langchain4j.model.output.Response;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.caravanserai.retrieval.NativeCalls;
import org.caravanserai.retrieval.ProcessorThreads;
import org.caravanserai.retrieval.QuestionsFirst;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An ONNX model in this process: one of the jar's, or one from a file. It loads beside the start, which does not wait for
 * it; the first who needs it does.
 */
final class InProcessEmbeddings implements EmbeddingProvider {

    private static final Logger LOG = LoggerFactory.getLogger(InProcessEmbeddings.class);

    private final String name;
    private final NativeCalls calls = new NativeCalls();
    private final ProcessorThreads questions;
    private final QuestionsFirst questionsFirst;
    private final QuestionsFirst.Backlog batches;
    private final Future<EmbeddingModel> loading;

    /** @param load makes the model, which runs batches on the executor, a passage at a time */
    InProcessEmbeddings(String name, Function<Executor, EmbeddingModel> load, QuestionsFirst questionsFirst) {
        this.questions = new ProcessorThreads("question-", Runtime.getRuntime().availableProcessors());
        this.questionsFirst = questionsFirst;
        this.batches = questionsFirst.backlog("embedding-");
        this.name = name;
        this.loading = CompletableFuture.supplyAsync(() -> load(load), batches);
    }

    static InProcessEmbeddings of(EmbeddingProperties properties, QuestionsFirst questionsFirst) {
        return new InProcessEmbeddings(
                name(properties),
                properties.hasFiles()
                        ? executor -> fromFiles(properties, executor)
                        : EmbeddedModel.shipped(properties.model()).orElseThrow()::load,
                questionsFirst);
    }

    /** A file of a shipped model's name makes vectors of its own. */
    private static String name(EmbeddingProperties properties) {
        if (!properties.hasFiles()) {
            return EmbeddedModel.shipped(properties.model()).orElseThrow().name();
        }
        String given = properties.model().isBlank()
                ? Path.of(properties.modelFile()).getFileName().toString()
                : properties.model();
        return EmbeddedModel.shipped(given).isPresent() ? given + "/file" : given;
    }

    private static EmbeddingModel fromFiles(EmbeddingProperties properties, Executor executor) {
        PoolingMode pooling = properties.pooling().isEmpty()
                ? EmbeddedModel.pooling(name(properties))
                : PoolingMode.valueOf(properties.pooling().toUpperCase(Locale.ROOT));
        return OnnxModel.ofFiles(
                Path.of(properties.modelFile()), Path.of(properties.tokenizerFile()), pooling, executor);
    }

    @Override
    public String name() {
        return EmbeddingProperties.EMBEDDED;
    }

    @Override
    public String modelName() {
        return name;
    }

    @Override
    public boolean isOutside() {
        return false;
    }

    @Override
    public Response<List<Embedding>> embed(List<String> texts, Kind kind) {
        EmbeddingModel loaded = model();
        List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
        if (kind == Kind.QUESTION) {
            return questionsFirst.ask(() -> questions.run(() -> calls.run(() -> loaded.embedAll(segments))));
        }
        // one alone would be embedded on the caller's thread
        return segments.size() > 1
                ? calls.run(() -> loaded.embedAll(segments))
                : calls.run(() -> CompletableFuture.supplyAsync(() -> loaded.embedAll(segments), batches)
                        .join());
    }

    /** Waits for the calls that run; later ones are refused. */
    @Override
    public void close() {
        calls.close();
        questions.close();
        batches.close();
    }

    private EmbeddingModel load(Function<Executor, EmbeddingModel> load) {
        long start = System.nanoTime();
        NativeCalls.keepRuntime();
        EmbeddingModel model = calls.run(() -> load.apply(batches));
        LOG.info("Embedding model {} loaded in {} ms", name, (System.nanoTime() - start) / 1_000_000);
        return model;
    }

    private EmbeddingModel model() {
        try {
            return loading.get();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CompletionException(stopped);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("The embedding model could not be loaded.", failed.getCause());
        }
    }
}
