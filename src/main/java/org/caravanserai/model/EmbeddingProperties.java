package org.caravanserai.model;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What turns texts into vectors.
 *
 * @param provider HUB_EMBEDDING_PROVIDER
 * @param model HUB_EMBEDDING_MODEL; empty means the provider's default
 * @param modelFile ONNX file of an embedded model that the jar does not carry
 * @param tokenizerFile the tokenizer.json that belongs to it
 * @param pooling of that file's model: mean or cls; empty means what the model's name says, else mean
 * @param queryPrefix put before questions; empty means what the model's card demands
 * @param passagePrefix put before passages; likewise
 * @param dimensions of an openai model that can be told; 0 means its own
 * @param timeout of one call
 * @param maxAttempts of a batch of passages; a question gets two
 * @param maxWait the longest wait between two attempts; who is told to wait longer comes back later
 * @param cacheRows vectors kept for a tenant, so that the same text is not paid for twice
 * @param cacheFor how long one that is not used is kept
 */
@Validated
@ConfigurationProperties("hub.embedding")
record EmbeddingProperties(
        @DefaultValue("embedded")
        @Pattern(
                regexp = "embedded|openai|ollama|",
                message = "(HUB_EMBEDDING_PROVIDER) write embedded, openai or ollama")
        String provider,

        @DefaultValue("") String model,
        @DefaultValue("") String modelFile,
        @DefaultValue("") String tokenizerFile,

        @DefaultValue("") @Pattern(regexp = "mean|cls|", message = "write mean or cls, or leave it empty")
        String pooling,

        @DefaultValue("") String queryPrefix,
        @DefaultValue("") String passagePrefix,

        @DefaultValue("0")
        @Min(value = 0, message = "write a number from 1 to 4096, or 0 for the model's own")
        @Max(value = 4096, message = "write a number from 1 to 4096, or 0 for the model's own")
        int dimensions,

        @DefaultValue("30s") Duration timeout,

        @DefaultValue("4")
        @Min(value = 1, message = "write a number from 1 to 10")
        @Max(value = 10, message = "write a number from 1 to 10")
        int maxAttempts,

        @DefaultValue("30s") Duration maxWait,

        @DefaultValue("20000")
        @Min(value = 0, message = "write a number from 0 to 1000000; 0 keeps none")
        @Max(value = 1_000_000, message = "write a number from 0 to 1000000; 0 keeps none")
        int cacheRows,

        @DefaultValue("30d") Duration cacheFor,
        @Valid @NotNull @DefaultValue OpenAi openai,
        @Valid @NotNull @DefaultValue Ollama ollama) {

    static final String EMBEDDED = "embedded";
    static final String OPENAI = "openai";
    static final String OLLAMA = "ollama";

    /**
     * @param apiKey OPENAI_API_KEY
     * @param url HUB_OPENAI_URL, as the SDK takes it; empty means OpenAI's own
     */
    record OpenAi(
            @DefaultValue("") String apiKey,

            @DefaultValue("")
            @Pattern(
                    regexp = "(https?://.+)?",
                    message = "(HUB_OPENAI_URL) write a URL such as https://api.openai.com/v1")
            String url) {}

    /** @param url HUB_OLLAMA_URL */
    record Ollama(
            @DefaultValue("http://localhost:11434")
            @Pattern(regexp = "(https?://.+)?", message = "(HUB_OLLAMA_URL) write a URL such as http://localhost:11434")
            String url) {

        String urlOrDefault() {
            return url.isBlank() ? "http://localhost:11434" : url;
        }
    }

    String providerOrDefault() {
        return provider.isEmpty() ? EMBEDDED : provider;
    }

    boolean hasFiles() {
        return !modelFile.isBlank() && !tokenizerFile.isBlank();
    }

    @AssertTrue(
            message = "(HUB_EMBEDDING_MODEL) write bge-small-en-v1.5 or all-MiniLM-L6-v2, or leave it empty; any other"
                    + " embedded model, such as multilingual-e5-small, needs its files in"
                    + " HUB_EMBEDDING_MODEL_FILE and HUB_EMBEDDING_TOKENIZER_FILE")
    boolean isModelKnown() {
        return !providerOrDefault().equals(EMBEDDED)
                || hasFiles()
                || EmbeddedModel.shipped(model).isPresent();
    }

    @AssertTrue(
            message =
                    "(HUB_EMBEDDING_MODEL_FILE, HUB_EMBEDDING_TOKENIZER_FILE) write the paths of the model's ONNX file"
                            + " and of its tokenizer.json, both of which must be there, or leave both empty")
    boolean isFilesReadable() {
        return modelFile.isBlank() && tokenizerFile.isBlank()
                || hasFiles() && Files.isReadable(Path.of(modelFile)) && Files.isReadable(Path.of(tokenizerFile));
    }

    @AssertTrue(message = "is openai, which needs OPENAI_API_KEY (or HUB_OPENAI_URL of a server that asks for none)")
    boolean isProviderUsable() {
        return !provider.equals(OPENAI)
                || !openai.apiKey().isBlank()
                || !openai.url().isBlank();
    }

    @AssertTrue(message = "write durations from 1s to 10m for timeout and max-wait")
    boolean isWaitsBounded() {
        return bounded(timeout) && bounded(maxWait);
    }

    @AssertTrue(message = "write a duration from 1h to 3650d")
    boolean isCacheForBounded() {
        return cacheFor.toHours() >= 1 && cacheFor.toDays() <= 3650;
    }

    private static boolean bounded(Duration wait) {
        return !wait.minusSeconds(1).isNegative() && wait.toMinutes() <= 10;
    }
}
