package org.caravanserai.model;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.caravanserai.failure.PermanentException;
import org.springframework.stereotype.Component;

/** OpenAI, and every server that speaks its chat completions. The URL is the operator's, so it may be a private one. */
@Component
class OpenAiProvider implements ChatProvider {

    static final String NAME = "openai";
    private static final int MAX_CLIENTS = 64;

    private final ModelProperties.OpenAi properties;
    private final ReentrantLock lock = new ReentrantLock();
    // A client has its own connections and thread, so each is made once; tenants name models, so the number is bounded.
    private final Map<Key, ChatModel> clients = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ChatModel> eldest) {
            return size() > MAX_CLIENTS;
        }
    };

    private record Key(String model, Duration timeout) {}

    OpenAiProvider(ModelProperties properties) {
        this.properties = properties.openai();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String defaultModel() {
        return properties.defaultModel();
    }

    @Override
    public ChatModel model(String name, Duration timeout) {
        if (!properties.usable()) {
            throw new PermanentException("The provider openai is not set up: set OPENAI_API_KEY.", null);
        }
        lock.lock();
        try {
            return clients.computeIfAbsent(new Key(name, timeout), this::client);
        } finally {
            lock.unlock();
        }
    }

    private ChatModel client(Key key) {
        var client = OpenAiChatModel.builder()
                .apiKey(properties.apiKey().isBlank() ? "none" : properties.apiKey())
                .modelName(key.model())
                .timeout(key.timeout())
                .maxRetries(0);
        if (!properties.url().isBlank()) {
            client.baseUrl(properties.url());
        }
        return client.build();
    }
}
