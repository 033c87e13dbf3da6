package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import java.nio.charset.StandardCharsets;
import org.caravanserai.startup.StartupFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.FileSystemResource;

class PricesTest {

    private static final String WHOLE = "model: m, input: 1, output: 2, since: 2026-08-05, source: there";

    private static Prices of(String... prices) {
        StringBuilder file = new StringBuilder("prices:\n");
        for (String price : prices) {
            file.append("  - {").append(price).append("}\n");
        }
        return new Prices(new ByteArrayResource(file.toString().getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void countWhatCameFromACacheAtItsOwnPrice() {
        Prices shipped = new Prices(new FileSystemResource("config/prices.yaml"));
        OpenAiTokenUsage openAi = OpenAiTokenUsage.builder()
                .inputTokenCount(1_000_000)
                .outputTokenCount(1_000_000)
                .inputTokensDetails(OpenAiTokenUsage.InputTokensDetails.builder()
                        .cachedTokens(600_000)
                        .build())
                .build();
        AnthropicTokenUsage anthropic = AnthropicTokenUsage.builder()
                .inputTokenCount(1_000_000)
                .outputTokenCount(0)
                .cacheReadInputTokens(1_000_000)
                .cacheCreationInputTokens(1_000_000)
                .build();

        assertThat(shipped.of("openai", "gpt-4o-mini").orElseThrow().of(openAi)).isEqualByComparingTo("0.705");
        assertThat(shipped.of("anthropic", "claude-haiku-4-5-20251001")
                        .orElseThrow()
                        .of(anthropic))
                .isEqualByComparingTo("2.35");
    }

    @Test
    void areAProvidersAloneWhereTheySaySo() {
        Prices prices = of(WHOLE, "provider: groq, " + WHOLE.replace("input: 1", "input: 9"));

        assertThat(prices.of("groq", "m").orElseThrow().input()).isEqualByComparingTo("9");
        assertThat(prices.of("openai", "m-2025-01-31").orElseThrow().input()).isEqualByComparingTo("1");
        assertThat(prices.of("openai", "other")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input: 1, output: 2, since: 2026-08-05, source: there | prices[0].model must be a text",
                "model: m, input: 1, output: 2, since: 2026-08-05 | prices[0].source must be a text",
                "model: m, input: 1, output: 2, since: soon, source: there | prices[0].since must be the day",
                "model: m, input: -1, output: 2, since: 2026-08-05, source: there | prices[0].input must be a number",
                "model: m, input: 1, since: 2026-08-05, source: there | prices[0].output must be a number",
                "model: m, inputs: 1, output: 2, since: 2026-08-05, source: there | prices[0].inputs is not known"
            })
    void stopTheStartSayingWhatToWrite(String price, String advice) {
        assertThatThrownBy(() -> of(price)).isInstanceOf(StartupFailure.class).hasMessageContaining(advice);
    }

    @Test
    void areNotGivenTwice() {
        assertThatThrownBy(() -> of(WHOLE, WHOLE)).hasMessageContaining("a second time");
    }
}
