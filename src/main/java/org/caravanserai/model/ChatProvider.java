package org.caravanserai.model;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;

/** A source of chat models. Adding one is a class that implements this. */
interface ChatProvider {

    /**
     * Which model, and how to reach it.
     *
     * @param timeout of one call, the whole of its answer
     * @param temperature null for the model's own
     * @param apiKey null for none
     * @param url null for the provider's own
     * @param isTenants whether a tenant gave the URL, so that it may not lead inside
     */
    record Client(
            String model,
            Duration timeout,
            Double temperature,
            int maxOutputTokens,
            String apiKey,
            String url,
            boolean isTenants) {

        /** For a client that insists on a key where the server asks for none. */
        String keyOrNone() {
            return apiKey == null || apiKey.isBlank() ? "none" : apiKey;
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Client[" + model + "]";
        }
    }

    /** The same model, whole and in parts. @param streaming null if it has its answer all at once */
    record Models(ChatModel whole, StreamingChatModel streaming) {}

    /** What {@code settings.model.provider} says to choose it. */
    String name();

    /** The model that is used when none is named. */
    String defaultModel();

    /** What the operator has set up; a tenant without a key of its own uses it. */
    ModelProperties.Endpoint endpoint();

    /** What the operator is to set, for those who are told that the provider is not set up. */
    String howToSetUp();

    /** Whether it runs here or at the operator's, and costs nothing by the token. */
    default boolean isFree() {
        return false;
    }

    /** Whether it can be asked without the operator's having set it up, by a tenant that says where and with what key. */
    default boolean isReachable(Client client) {
        return client.apiKey() != null || client.url() != null;
    }

    Models models(Client client);
}
