package org.caravanserai.model;

import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/** Models on a machine of the operator's or the tenant's. */
@Component
class OllamaProvider extends HttpProvider {

    private static final String NAME = "ollama";

    private static final String URL = "http://localhost:11434";

    OllamaProvider(ModelProperties properties, ModelHttp http) {
        super(new Setup(NAME, endpoint(properties), "llama3.2", "set HUB_OLLAMA_URL, for example " + URL), http);
    }

    /** Where it is everybody's provider, it needs no address. */
    private static ModelProperties.Endpoint endpoint(ModelProperties properties) {
        ModelProperties.Endpoint given = properties.ollama();
        return properties.providerOrDefault().equals(NAME) && given.url().isBlank()
                ? new ModelProperties.Endpoint(given.apiKey(), URL, given.defaultModel())
                : given;
    }

    @Override
    public boolean isFree() {
        return true;
    }

    @Override
    public boolean isReachable(Client client) {
        return client.url() != null;
    }

    @Override
    public Models models(Client client) {
        String url = withoutApi(StringUtils.trimTrailingCharacter(client.url(), '/'));
        return new Models(
                OllamaChatModel.builder()
                        .httpClientBuilder(http().builder(client.isTenants(), client.timeout(), StreamDialect::ollama))
                        .baseUrl(url)
                        .modelName(client.model())
                        .temperature(client.temperature())
                        .numPredict(client.maxOutputTokens())
                        .timeout(client.timeout())
                        .maxRetries(0)
                        .build(),
                OllamaStreamingChatModel.builder()
                        .httpClientBuilder(http().builder(client.isTenants(), client.timeout(), StreamDialect::ollama))
                        .baseUrl(url)
                        .modelName(client.model())
                        .temperature(client.temperature())
                        .numPredict(client.maxOutputTokens())
                        .timeout(client.timeout())
                        .build());
    }

    private static String withoutApi(String url) {
        return url.endsWith("/api") ? url.substring(0, url.length() - "/api".length()) : url;
    }
}
