package org.caravanserai.model;

import java.net.URI;
import org.springframework.stereotype.Component;

/** OpenAI, and every server that speaks its chat completions. The operator's URL may be a private one. */
@Component
class OpenAiProvider implements ChatProvider {

    static final String NAME = "openai";

    private final ModelProperties.Endpoint endpoint;
    private final ModelHttp http;

    OpenAiProvider(ModelProperties properties, ModelHttp http) {
        this.endpoint = properties.openai();
        this.http = http;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String defaultModel() {
        return endpoint.modelOr("gpt-4o-mini");
    }

    @Override
    public ModelProperties.Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public String howToSetUp() {
        return "set OPENAI_API_KEY, or HUB_OPENAI_URL of a server that asks for none";
    }

    @Override
    public Models models(Client client) {
        return OpenAiWire.models(client, http, () -> StreamDialect::openAi, isOpenAis(client.url()));
    }

    private static boolean isOpenAis(String url) {
        return url == null || "api.openai.com".equalsIgnoreCase(URI.create(url).getHost());
    }
}
