package org.caravanserai.model;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who answers, where a tenant does not say otherwise.
 *
 * @param provider HUB_MODEL_PROVIDER
 * @param name HUB_MODEL_NAME; empty means the provider's default
 * @param timeout of one call
 * @param heldBack whether no provider outside is asked, whatever tenants chose: extractive answers; for dry runs
 * @param prices by model name; a call of a model without one has no cost in its usage
 */
@Validated
@ConfigurationProperties("hub.model")
record ModelProperties(
        @DefaultValue("extractive")
        @Pattern(regexp = "extractive|openai|", message = "(HUB_MODEL_PROVIDER) write extractive or openai")
        String provider,

        @DefaultValue("") String name,
        @DefaultValue("20s") Duration timeout,
        @DefaultValue("false") boolean heldBack,
        @Valid @NotNull @DefaultValue OpenAi openai,
        @Valid @NotNull @DefaultValue Map<String, Price> prices) {

    /**
     * @param apiKey OPENAI_API_KEY
     * @param url HUB_OPENAI_URL, as the SDK takes it; empty means OpenAI's own
     * @param defaultModel what a tenant without {@code settings.model.name} uses
     */
    record OpenAi(
            @DefaultValue("") String apiKey,

            @DefaultValue("")
            @Pattern(
                    regexp = "(https?://.+)?",
                    message = "(HUB_OPENAI_URL) write a URL such as https://api.openai.com/v1")
            String url,

            @DefaultValue("gpt-4o-mini") String defaultModel) {

        boolean usable() {
            return !apiKey.isBlank() || !url.isBlank();
        }
    }

    /** In US dollars for a million tokens. */
    record Price(
            @NotNull @PositiveOrZero BigDecimal input,
            @NotNull @PositiveOrZero BigDecimal output) {}

    String providerOrDefault() {
        return provider.isEmpty() ? ExtractiveChatModel.PROVIDER : provider;
    }

    @AssertTrue(message = "is openai, which needs OPENAI_API_KEY (or HUB_OPENAI_URL of a server that asks for none)")
    boolean isProviderUsable() {
        return !provider.equals(OpenAiProvider.NAME) || openai.usable();
    }

    @AssertTrue(message = "write a duration from 1s to 10m")
    boolean isTimeoutBounded() {
        return !timeout.minusSeconds(1).isNegative() && timeout.toMinutes() <= 10;
    }
}
