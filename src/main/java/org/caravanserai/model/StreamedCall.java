package org.caravanserai.model;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;

/** One answer that is read while it is written, and given back whole. The hub's HTTP runs it on the caller's thread. */
final class StreamedCall implements StreamingChatResponseHandler {

    private final AnswerStream reader;
    private ChatResponse whole;
    private RuntimeException failure;

    private StreamedCall(AnswerStream reader) {
        this.reader = reader;
    }

    /**
     * Asks and waits for the end.
     *
     * @throws RuntimeException if the stream failed or broke off; what the reader threw, if it reads no more
     */
    static ChatResponse of(StreamingChatModel model, ChatRequest request, AnswerStream reader) {
        StreamedCall call = new StreamedCall(reader);
        model.chat(request, call);
        if (call.failure != null) {
            throw call.failure;
        }
        if (call.whole == null || call.whole.finishReason() == null) {
            throw new UnusableAnswerException("a stream that broke off", true);
        }
        return call.whole;
    }

    @Override
    public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
        pass(() -> reader.text(part.text()), context.streamingHandle());
    }

    @Override
    public void onPartialToolCall(PartialToolCall part, PartialToolCallContext context) {
        pass(() -> reader.toolCall(part.index(), part.name(), part.partialArguments()), context.streamingHandle());
    }

    private void pass(Runnable part, StreamingHandle stream) {
        if (failure != null) {
            return;
        }
        try {
            part.run();
        } catch (RuntimeException gone) {
            failure = gone; // thrown on, langchain4j would log it and read on
            stream.cancel();
        }
    }

    @Override
    public void onCompleteResponse(ChatResponse complete) {
        whole = complete;
    }

    @Override
    public void onError(Throwable error) {
        if (failure == null) {
            failure = error instanceof RuntimeException known ? known : new IllegalStateException(error);
        }
    }
}
