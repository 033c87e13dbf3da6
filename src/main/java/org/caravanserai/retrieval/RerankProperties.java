package org.caravanserai.retrieval;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.time.Duration;
import org.caravanserai.HubProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * A cross-encoder that reorders what a search found; off unless a URL is given.
 *
 * @param url HUB_RERANK_URL, the whole URL that is posted to
 * @param apiKey HUB_RERANK_API_KEY, sent as a bearer token; may be empty
 * @param style whose request and answer: {@code cohere} is Cohere's, Jina's and Voyage's, {@code tei} that of Hugging Face's
 *     text-embeddings-inference
 * @param model sent along with style cohere
 * @param depth how many of the fused hits are reordered
 * @param timeout of a call; after it the fused order stands
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
        double minScore) {

    @AssertTrue(message = "(HUB_RERANK_URL) write an http or https URL, for example https://api.cohere.com/v2/rerank")
    boolean isUrlWhole() {
        return !isOn() || HubProperties.isWebUrl(url);
    }

    @AssertTrue(message = "(hub.retrieval.rerank.timeout) write a length of time from 100ms to 30s, for example 2s")
    boolean isTimeoutUsable() {
        return timeout == null || timeout.toMillis() >= 100 && timeout.compareTo(Duration.ofSeconds(30)) <= 0;
    }

    boolean isOn() {
        return url != null && !url.toString().isBlank();
    }
}
