package org.caravanserai.model;

import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import org.springframework.stereotype.Component;

/** Models on a machine of the operator's or the tenant's. */
@Component
class OllamaProvider implements ChatProvider {

    static final String NAME = "ollama";

    private static final String URL = "http://localhost:11434";

    private final ModelProperties.Endpoint endpoint;
    private final ModelHttp http;

    OllamaProvider(ModelProperties properties, ModelHttp http) {
        boolean isDefault = properties.providerOrDefault().equals(NAME);
        ModelProperties.Endpoint given = properties.ollama();
        this.endpoint = isDefault && given.url().isBlank()
                ? new ModelProperties.Endpoint(given.apiKey(), URL, given.defaultModel())
                : given;
        this.http = http;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String defaultModel() {
        return endpoint.modelOr("llama3.2");
    }

    @Override
    public ModelProperties.Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public String howToSetUp() {
        return "set HUB_OLLAMA_URL, for example " + URL;
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
        String url = client.url().replaceFirst("/+$", "").replaceFirst("/api$", "");
        return new Models(
                OllamaChatModel.builder()
                        .httpClientBuilder(http.builder(client.isTenants(), client.timeout(), StreamDialect::ollama))
                        .baseUrl(url)
                        .modelName(client.model())
                        .temperature(client.temperature())
                        .numPredict(client.maxOutputTokens())
                        .timeout(client.timeout())
                        .maxRetries(0)
                        .build(),
                OllamaStreamingChatModel.builder()
                        .httpClientBuilder(http.builder(client.isTenants(), client.timeout(), StreamDialect::ollama))
                        .baseUrl(url)
                        .modelName(client.model())
                        .temperature(client.temperature())
                        .numPredict(client.maxOutputTokens())
                        .timeout(client.timeout())
                        .build());
    }
}
