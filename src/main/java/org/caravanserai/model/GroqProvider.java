package org.caravanserai.model;

import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/** Groq, which speaks OpenAI's chat completions at a path of its own. */
@Component
class GroqProvider extends HttpProvider {

    // console.groq.com, "OpenAI compatibility"
    private static final String PATH = "/openai/v1";
    private static final String URL = "https://api.groq.com" + PATH;

    GroqProvider(ModelProperties properties, ModelHttp http) {
        super(new Setup("groq", properties.groq(), "llama-3.1-8b-instant", "set GROQ_API_KEY"), http);
    }

    @Override
    public Models models(Client client) {
        return OpenAiWire.models(client, url(client.url()), http(), () -> StreamDialect::groq, false);
    }

    /** Its own library takes the address without the path, an OpenAI library with it. */
    private static String url(String given) {
        if (given == null) {
            return URL;
        }
        return given.endsWith("/v1") || given.endsWith("/v1/")
                ? given
                : StringUtils.trimTrailingCharacter(given, '/') + PATH;
    }
}
