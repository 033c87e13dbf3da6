package org.caravanserai.model;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15q.BgeSmallEnV15QuantizedEmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * bge-small-en-v1.5, quantised, in this process. It loads beside the start, which does not wait for it; the first who
 * needs it does.
 */
final class InProcessEmbeddings implements EmbeddingModel {

    static final String NAME = "bge-small-en-v1.5";
    private static final int DIMENSION = 384;
    private static final Logger LOG = LoggerFactory.getLogger(InProcessEmbeddings.class);

    private final NativeCalls calls = new NativeCalls();
    private final ExecutorService batches;
    private final Future<EmbeddingModel> loading;

    InProcessEmbeddings() {
        // Batches leave a core to queries, which run on their caller's thread.
        int cores = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
        this.batches = Executors.newFixedThreadPool(
                cores, Thread.ofPlatform().daemon().name("embedding-", 0).factory());
        this.loading = CompletableFuture.supplyAsync(this::load, batches);
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        EmbeddingModel loaded = model();
        return calls.run(() -> loaded.embedAll(segments));
    }

    @Override
    public int dimension() {
        return DIMENSION;
    }

    @Override
    public String modelName() {
        return NAME;
    }

    /** Waits for the calls that run; later ones are refused. */
    void close() {
        calls.close();
        batches.shutdown();
    }

    private EmbeddingModel load() {
        long start = System.nanoTime();
        NativeCalls.keepRuntime();
        EmbeddingModel model = calls.run(() -> new BgeSmallEnV15QuantizedEmbeddingModel(batches));
        LOG.info("Embedding model {} loaded in {} ms", NAME, (System.nanoTime() - start) / 1_000_000);
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
