package org.caravanserai.retrieval;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import org.caravanserai.HubProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * A cross-encoder that reorders what a search found; off unless a URL or a file is given.
 *
 * @param url HUB_RERANK_URL, the whole URL that is posted to
 * @param apiKey HUB_RERANK_API_KEY, sent as a bearer token; may be empty
 * @param style whose request and answer: {@code cohere} is Cohere's, Jina's and Voyage's, {@code tei} that of Hugging Face's
 *     text-embeddings-inference
 * @param model sent along with style cohere
 * @param depth how many of the fused hits are reordered
 * @param timeout of all that one question takes; after it the fused order stands
 * @param minScore below it a passage is no source of an answer; 0 leaves that to {@code hub.retrieval.min-score} alone
 */
@Validated
@ConfigurationProperties("hub.retrieval.rerank")
record RerankProperties(
        URI url,
        @DefaultValue("") String apiKey,

        @DefaultValue("cohere") @Pattern(regexp = "cohere|tei", message = "write cohere or tei")
        String style,

        @DefaultValue("") String model,

        @DefaultValue("30")
        @Min(value = 1, message = "write a number from 1 to 100")
        @Max(value = 100, message = "write a number from 1 to 100")
        int depth,

        @NotNull @DefaultValue("2s") Duration timeout,

        @DefaultValue("0")
        @DecimalMin(value = "0", message = "write a number from 0 to 1")
        @DecimalMax(value = "1", message = "write a number from 0 to 1")
        double minScore,

        @Valid @NotNull @DefaultValue Onnx onnx) {

    /**
     * A cross-encoder that runs in the hub's own process.
     *
     * @param modelFile HUB_RERANK_MODEL_FILE, an ONNX file that takes {@code input_ids}, {@code attention_mask} and, if it
     *     wants them, {@code token_type_ids}
     * @param tokenizerFile HUB_RERANK_TOKENIZER_FILE, the tokenizer.json that belongs to it
     * @param maxLength tokens of question and passage together; of what is longer the longer one is cut, from its end
     * @param batchSize passages that are computed at once
     * @param threads how many batches run at once, each on one processor; 0 leaves one processor to everybody else
     */
    record Onnx(
            @DefaultValue("") String modelFile,
            @DefaultValue("") String tokenizerFile,

            @DefaultValue("512")
            @Min(value = 16, message = "write a number from 16 to 8192, at most what the model's card says")
            @Max(value = 8192, message = "write a number from 16 to 8192, at most what the model's card says")
            int maxLength,

            @DefaultValue("8")
            @Min(value = 1, message = "write a number from 1 to 100")
            @Max(value = 100, message = "write a number from 1 to 100")
            int batchSize,

            @DefaultValue("0")
            @Min(value = 0, message = "write a number from 1 to 256, or 0 for one fewer than there are processors")
            @Max(value = 256, message = "write a number from 1 to 256, or 0 for one fewer than there are processors")
            int threads) {

        boolean isGiven() {
            return !modelFile.isBlank() && !tokenizerFile.isBlank();
        }

        int threadsOrDefault() {
            return threads > 0 ? threads : Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
        }

        @AssertTrue(
                message =
                        "(HUB_RERANK_MODEL_FILE, HUB_RERANK_TOKENIZER_FILE) write the paths of the cross-encoder's ONNX"
                                + " file and of its tokenizer.json, both of which must be there, or leave both empty")
        boolean isFilesReadable() {
            return modelFile.isBlank() && tokenizerFile.isBlank()
                    || isGiven() && isFile(modelFile) && isFile(tokenizerFile);
        }

        private static boolean isFile(String name) {
            try {
                Path path = Path.of(name);
                return Files.isRegularFile(path) && Files.isReadable(path);
            } catch (InvalidPathException noPath) {
                return false;
            }
        }
    }

    @AssertTrue(
            message =
                    "(HUB_RERANK_URL, HUB_RERANK_MODEL_FILE) write one of them and leave the other empty: passages are"
                            + " reranked by an endpoint or by a model from a file")
    boolean isOnlyOneGiven() {
        return !hasUrl() || onnx == null || onnx.modelFile().isBlank();
    }

    @AssertTrue(message = "(HUB_RERANK_URL) write an http or https URL, for example https://api.cohere.com/v2/rerank")
    boolean isUrlWhole() {
        return !hasUrl() || HubProperties.isWebUrl(url);
    }

    @AssertTrue(message = "(hub.retrieval.rerank.timeout) write a length of time from 100ms to 30s, for example 2s")
    boolean isTimeoutUsable() {
        return timeout == null || timeout.toMillis() >= 100 && timeout.compareTo(Duration.ofSeconds(30)) <= 0;
    }

    boolean hasUrl() {
        return url != null && !url.toString().isBlank();
    }
}
