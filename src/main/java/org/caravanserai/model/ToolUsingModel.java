package org.caravanserai.model;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/** The chat model with the tools of the call: Camel's chat component carries messages there and a text back, and no more. */
@Component("toolUsingModel")
class ToolUsingModel implements ChatModel {

    private final ChatModel model;

    ToolUsingModel(@Qualifier("chatModel") ChatModel model) {
        this.model = model;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        ModelCall call = ModelCall.of(request.messages())
                .orElseThrow(() -> new IllegalArgumentException("the messages must come from promptMessages"));
        ChatRequest asked = call.toolUse().specifications().isEmpty()
                ? request
                : ChatRequest.builder()
                        .messages(request.messages())
                        .toolSpecifications(call.toolUse().specifications())
                        .build();
        ChatResponse response = model.chat(asked);
        call.toolUse().said(response.aiMessage());
        return response;
    }
}
