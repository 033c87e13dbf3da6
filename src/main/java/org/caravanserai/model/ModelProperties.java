package org.caravanserai.model;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Who answers, where a tenant does not say otherwise.
 *
 * @param provider HUB_MODEL_PROVIDER
 * @param name HUB_MODEL_NAME; empty means the provider's default
 * @param timeout of one call, the whole of its answer; no further try begins later than this after the first
 * @param maxAttempts how often one model is asked, when it is worth another try
 * @param maxOutputTokens of one answer, where a tenant says nothing
 * @param maxAnswer how much of a provider's answer is read
 * @param heldBack whether no provider outside is asked, whatever tenants chose: extractive answers; for dry runs
 * @param allowUnpriced whether tenants may choose models on the operator's key that prices.yaml does not name
 * @param openai OPENAI_API_KEY, HUB_OPENAI_URL
 * @param anthropic ANTHROPIC_API_KEY, HUB_ANTHROPIC_URL
 * @param groq GROQ_API_KEY, HUB_GROQ_URL
 * @param ollama HUB_OLLAMA_URL
 */
@Validated
@ConfigurationProperties("hub.model")
record ModelProperties(
        @DefaultValue("extractive")
        @Pattern(
                regexp = "extractive|openai|anthropic|groq|ollama|",
                message = "(HUB_MODEL_PROVIDER) write extractive, openai, anthropic, groq or ollama")
        String provider,

        @DefaultValue("") String name,
        @DefaultValue("20s") Duration timeout,

        @Min(value = 1, message = "must be at least 1; write for example 3")
        @Max(value = 10, message = "must be at most 10; write for example 3")
        @DefaultValue("3")
        int maxAttempts,

        @Min(value = 16, message = "must be at least 16; write for example 2000")
        @Max(value = 200_000, message = "must be at most 200000; write for example 2000")
        @DefaultValue("2000")
        int maxOutputTokens,

        @NotNull @DefaultValue("4MB") DataSize maxAnswer,
        @DefaultValue("false") boolean heldBack,
        @DefaultValue("false") boolean allowUnpriced,
        @Valid @NotNull @DefaultValue Endpoint openai,
        @Valid @NotNull @DefaultValue Endpoint anthropic,
        @Valid @NotNull @DefaultValue Endpoint groq,
        @Valid @NotNull @DefaultValue Endpoint ollama) {

    /**
     * Where a provider is, and with what key it is asked.
     *
     * @param url as the provider's SDK takes it; empty means the provider's own
     * @param defaultModel what a tenant without {@code settings.model.name} uses; empty means the hub's choice
     */
    record Endpoint(
            @DefaultValue("") String apiKey,

            @DefaultValue("")
            @Pattern(regexp = "(https?://.+)?", message = "write a URL such as https://api.openai.com/v1")
            String url,

            @DefaultValue("") String defaultModel) {

        static final Endpoint NONE = new Endpoint("", "", "");

        boolean usable() {
            return !apiKey.isBlank() || !url.isBlank();
        }

        String modelOr(String otherwise) {
            return defaultModel.isBlank() ? otherwise : defaultModel;
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Endpoint[" + url + "]";
        }
    }

    String providerOrDefault() {
        return provider.isEmpty() ? ExtractiveChatModel.PROVIDER : provider;
    }

    @AssertTrue(
            message = "needs its key: set OPENAI_API_KEY, ANTHROPIC_API_KEY or GROQ_API_KEY"
                    + " (or HUB_OPENAI_URL and its like, of a server that asks for none)")
    boolean isProviderUsable() {
        Endpoint chosen =
                Map.of("openai", openai, "anthropic", anthropic, "groq", groq).get(provider);
        return chosen == null || chosen.usable();
    }

    @AssertTrue(message = "write a duration from 1s to 10m")
    boolean isTimeoutBounded() {
        return !timeout.minusSeconds(1).isNegative() && timeout.toMinutes() <= 10;
    }

    @AssertTrue(message = "write a size from 64KB to 64MB")
    boolean isMaxAnswerBounded() {
        return maxAnswer == null || maxAnswer.toKilobytes() >= 64 && maxAnswer.toMegabytes() <= 64;
    }
}
