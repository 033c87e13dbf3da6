package org.caravanserai.model;

import dev.langchain4j.model.chat.ChatModel;
import java.time.Duration;

/** A source of chat models. Adding one is a class that implements this. */
interface ChatProvider {

    /** What {@code settings.model.provider} says to choose it. */
    String name();

    /** The model that is used when none is named. */
    String defaultModel();

    /**
     * @param timeout of one call
     * @throws org.caravanserai.failure.PermanentException if the provider is not set up; says what to set
     */
    ChatModel model(String name, Duration timeout);
}
