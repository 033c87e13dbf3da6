package org.caravanserai.model;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/** Anthropic's Messages. */
@Component
class AnthropicProvider extends HttpProvider {

    private static final String URL = "https://api.anthropic.com/v1";

    AnthropicProvider(ModelProperties properties, ModelHttp http) {
        super(new Setup("anthropic", properties.anthropic(), "claude-haiku-4-5", "set ANTHROPIC_API_KEY"), http);
    }

    @Override
    public Models models(Client client) {
        String url = url(client.url());
        return new Models(
                AnthropicChatModel.builder()
                        .httpClientBuilder(http().builder(client.isTenants(), client.timeout(), () -> event -> false))
                        .baseUrl(url)
                        .apiKey(client.keyOrNone())
                        .modelName(client.model())
                        .temperature(client.temperature())
                        .maxTokens(client.maxOutputTokens())
                        .timeout(client.timeout())
                        .maxRetries(0)
                        .build(),
                AnthropicStreamingChatModel.builder()
                        .httpClientBuilder(http().builder(client.isTenants(), client.timeout(), () -> event -> false))
                        .baseUrl(url)
                        .apiKey(client.keyOrNone())
                        .modelName(client.model())
                        .temperature(client.temperature())
                        .maxTokens(client.maxOutputTokens())
                        .timeout(client.timeout())
                        .build());
    }

    /** Its own libraries take the address without the version, langchain4j with it. */
    private static String url(String given) {
        if (given == null) {
            return URL;
        }
        String url = StringUtils.trimTrailingCharacter(given, '/');
        return url.endsWith("/v1") ? url : url + "/v1";
    }
}
