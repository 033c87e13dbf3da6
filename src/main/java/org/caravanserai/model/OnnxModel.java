package org.caravanserai.model;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.langchain4j.model.embedding.onnx.AbstractInProcessEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxBertBiEncoder;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/**
 * A model of which each call keeps one processor busy. By itself the runtime shares a call out among all processors, whose
 * threads then turn idly until the next step: that took twice the processor's time for the same vectors, 10 instead of 5 ms
 * for a question and 130 instead of 65 ms for a passage, and gained nothing once there was other work.
 */
final class OnnxModel extends AbstractInProcessEmbeddingModel {

    private final OnnxBertBiEncoder encoder;

    private OnnxModel(OnnxBertBiEncoder encoder, Executor batches) {
        super(batches);
        this.encoder = encoder;
    }

    /** One that lies in the jar of the class. @param name without ending */
    static OnnxModel ofJar(Class<?> neighbour, String name, PoolingMode pooling, Executor batches) {
        try (InputStream model = neighbour.getResourceAsStream("/" + name + ".onnx");
                InputStream tokenizer = neighbour.getResourceAsStream("/" + name + "-tokenizer.json")) {
            byte[] bytes = model.readAllBytes();
            return new OnnxModel(
                    encoder((environment, options) -> environment.createSession(bytes, options), tokenizer, pooling),
                    batches);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The embedding model " + name + " cannot be read.", unreadable);
        }
    }

    /** One that was given as files. */
    static OnnxModel ofFiles(Path model, Path tokenizerFile, PoolingMode pooling, Executor batches) {
        try (InputStream tokenizer = Files.newInputStream(tokenizerFile)) {
            return new OnnxModel(
                    encoder(
                            (environment, options) -> environment.createSession(model.toString(), options),
                            tokenizer,
                            pooling),
                    batches);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The file " + tokenizerFile + " cannot be read.", unreadable);
        }
    }

    @Override
    protected OnnxBertBiEncoder model() {
        return encoder;
    }

    private interface Loading {
        OrtSession session(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    private static OnnxBertBiEncoder encoder(Loading loading, InputStream tokenizer, PoolingMode pooling) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            return new OnnxBertBiEncoder(environment, loading.session(environment, options), tokenizer, pooling);
        } catch (OrtException unusable) {
            throw new IllegalStateException("The embedding model cannot be loaded.", unusable);
        }
    }
}
