package org.caravanserai.model;

import dev.langchain4j.model.chat.ChatModel;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** The answerer that is always there. */
@Component
class ExtractiveProvider implements ChatProvider {

    private final ExtractiveChatModel model;

    ExtractiveProvider(SentenceRanking ranking) {
        this.model = new ExtractiveChatModel(ranking);
    }

    @Override
    public String name() {
        return ExtractiveChatModel.PROVIDER;
    }

    @Override
    public String defaultModel() {
        return ExtractiveChatModel.PROVIDER;
    }

    @Override
    public ChatModel model(String name, Duration timeout) {
        return model;
    }
}
