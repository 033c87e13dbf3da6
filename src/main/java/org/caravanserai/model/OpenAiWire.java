package org.caravanserai.model;

import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.function.Supplier;

/** Makes clients of OpenAI's chat completions, which several providers speak. */
final class OpenAiWire {

    private OpenAiWire() {}

    /**
     * @param url null for OpenAI's own
     * @param isNewest whether the server knows max_completion_tokens; OpenAI's reasoning models refuse max_tokens, which
     *     other servers know from of old
     */
    static ChatProvider.Models models(
            ChatProvider.Client client, String url, ModelHttp http, Supplier<StreamDialect> dialect, boolean isNewest) {
        var whole = OpenAiChatModel.builder()
                .httpClientBuilder(http.builder(client.isTenants(), client.timeout(), dialect))
                .apiKey(client.keyOrNone())
                .modelName(client.model())
                .temperature(client.temperature())
                .timeout(client.timeout())
                .maxRetries(0);
        var streaming = OpenAiStreamingChatModel.builder()
                .httpClientBuilder(http.builder(client.isTenants(), client.timeout(), dialect))
                .apiKey(client.keyOrNone())
                .modelName(client.model())
                .temperature(client.temperature())
                .timeout(client.timeout());
        if (isNewest) {
            whole.maxCompletionTokens(client.maxOutputTokens());
            streaming.maxCompletionTokens(client.maxOutputTokens());
        } else {
            whole.maxTokens(client.maxOutputTokens());
            streaming.maxTokens(client.maxOutputTokens());
        }
        if (url != null) {
            whole.baseUrl(url);
            streaming.baseUrl(url);
        }
        return new ChatProvider.Models(whole.build(), streaming.build());
    }
}
