package org.caravanserai.model;

import com.google.re2j.Pattern;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15q.BgeSmallEnV15QuantizedEmbeddingModel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A model that runs inside this process and comes with the jar.
 *
 * @param name what is recorded beside its vectors
 * @param aliases what HUB_EMBEDDING_MODEL may say too, in lower case
 * @param neighbour a class of the jar that it lies in
 * @param file its name there, without ending
 */
record EmbeddedModel(String name, List<String> aliases, Class<?> neighbour, String file) {

    /** Of all shipped ones; both make vectors of so many numbers. */
    static final int DIMENSION = 384;

    private static final List<EmbeddedModel> SHIPPED = List.of(
            new EmbeddedModel(
                    "bge-small-en-v1.5",
                    List.of("", "bge-small", "bge-small-en-v1.5", "bge-small-en-v1.5-q"),
                    BgeSmallEnV15QuantizedEmbeddingModel.class,
                    "bge-small-en-v1.5-q"),
            new EmbeddedModel(
                    "all-MiniLM-L6-v2",
                    List.of("all-minilm", "all-minilm-l6-v2", "all-minilm-l6-v2-q"),
                    AllMiniLmL6V2QuantizedEmbeddingModel.class,
                    "all-minilm-l6-v2-q"));

    static Optional<EmbeddedModel> shipped(String model) {
        String asked = model.toLowerCase(Locale.ROOT);
        return SHIPPED.stream().filter(one -> one.aliases.contains(asked)).findFirst();
    }

    EmbeddingModel load(Executor batches) {
        return OnnxModel.ofJar(neighbour, file, pooling(name), batches);
    }

    /** How a model of this family makes one vector of many, as its card says. */
    static PoolingMode pooling(String model) {
        return model.toLowerCase(Locale.ROOT).contains("bge") ? PoolingMode.CLS : PoolingMode.MEAN;
    }

    /**
     * What a model wants before its texts. The cards of the e5 family demand both prefixes; bge's query prefix measured no
     * better and is left out.
     *
     * @param own whether the operator chose the passage's
     */
    record Prefixes(String query, String passage, boolean own) {

        private static final Pattern E5 = Pattern.compile("^(.*[/-])?e5-");
        static final Prefixes NONE = new Prefixes("", "", false);

        static Prefixes of(String model, EmbeddingProperties properties) {
            boolean e5 = E5.matcher(model.toLowerCase(Locale.ROOT)).find();
            return new Prefixes(
                    or(properties.queryPrefix(), e5 ? "query: " : ""),
                    or(properties.passagePrefix(), e5 ? "passage: " : ""),
                    !properties.passagePrefix().isBlank());
        }

        /** The name to record: with a passage prefix of the operator's own, the model's vectors are others. */
        String name(String model) {
            return own ? model + "#" + Integer.toHexString(passage.hashCode()) : model;
        }

        private static String or(String given, String otherwise) {
            if (given.isBlank()) {
                return otherwise;
            }
            return given.strip() + " "; // an environment variable loses the space that the models want after it
        }
    }
}
