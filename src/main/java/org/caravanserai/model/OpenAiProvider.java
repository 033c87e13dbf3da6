package org.caravanserai.model;

import java.net.URI;
import org.springframework.stereotype.Component;

/** OpenAI, and every server that speaks its chat completions. The operator's URL may be a private one. */
@Component
class OpenAiProvider extends HttpProvider {

    static final String NAME = "openai";

    OpenAiProvider(ModelProperties properties, ModelHttp http) {
        super(
                new Setup(
                        NAME,
                        properties.openai(),
                        "gpt-4o-mini",
                        "set OPENAI_API_KEY, or HUB_OPENAI_URL of a server that asks for none"),
                http);
    }

    @Override
    public Models models(Client client) {
        return OpenAiWire.models(client, client.url(), http(), () -> StreamDialect::openAi, isOpenAis(client.url()));
    }

    private static boolean isOpenAis(String url) {
        return url == null || "api.openai.com".equalsIgnoreCase(URI.create(url).getHost());
    }
}
