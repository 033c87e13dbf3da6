package org.caravanserai.model;

import org.springframework.stereotype.Component;

/** Groq, which speaks OpenAI's chat completions at a path of its own. */
@Component
class GroqProvider implements ChatProvider {

    static final String NAME = "groq";

    // console.groq.com, "OpenAI compatibility"
    private static final String PATH = "/openai/v1";
    private static final String URL = "https://api.groq.com" + PATH;

    private final ModelProperties.Endpoint endpoint;
    private final ModelHttp http;

    GroqProvider(ModelProperties properties, ModelHttp http) {
        this.endpoint = properties.groq();
        this.http = http;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String defaultModel() {
        return endpoint.modelOr("llama-3.1-8b-instant");
    }

    @Override
    public ModelProperties.Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public String howToSetUp() {
        return "set GROQ_API_KEY";
    }

    @Override
    public Models models(Client client) {
        String given = client.url();
        // its own library takes the address without the path, an OpenAI library with it
        String url = given == null ? URL : given.matches(".*/v1/?") ? given : given.replaceFirst("/+$", "") + PATH;
        Client here = new Client(
                client.model(),
                client.timeout(),
                client.temperature(),
                client.maxOutputTokens(),
                client.apiKey(),
                url,
                client.isTenants());
        return OpenAiWire.models(here, http, () -> StreamDialect::groq, false);
    }
}
