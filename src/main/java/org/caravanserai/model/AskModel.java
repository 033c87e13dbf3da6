package org.caravanserai.model;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.text.BreakIterator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.caravanserai.failure.Circuits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Asks one model, again if that is of use, within its time and while its circuit is closed. */
@Component
class AskModel {

    static final String CIRCUIT = "model";

    private static final Logger LOG = LoggerFactory.getLogger(AskModel.class);
    // As the providers' own libraries: half a second, doubled each time up to 8 s, up to a quarter less of it by
    // chance.
    private static final long FIRST_WAIT_MILLIS = 500;
    private static final long LONGEST_WAIT_MILLIS = 8_000;
    private static final double SPREAD = 0.25;

    private final Circuits circuits;
    private final int maxAttempts;

    AskModel(Circuits circuits, ModelProperties properties) {
        this.circuits = circuits;
        this.maxAttempts = properties.maxAttempts();
    }

    /**
     * @param within no try begins later than this after the first
     * @param reader null if nobody reads along
     * @throws RuntimeException if no try went well, see {@link ModelFailure}
     */
    ChatResponse ask(ModelChoices.Reachable model, ChatRequest request, Duration within, AnswerStream reader) {
        long deadline = System.nanoTime() + within.toNanos();
        for (int attempt = 1; ; attempt++) {
            try {
                return once(model, request, reader);
            } catch (RuntimeException failed) {
                ModelFailure failure = ModelFailure.of(failed);
                long wait = wait(failure, attempt);
                boolean isWorthIt =
                        failure.mayBeRetried() && !RoutedChatModel.isInterrupted(failed) && !isReadersFault(failed);
                if (!isWorthIt
                        || attempt >= maxAttempts
                        || System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(wait) >= deadline) {
                    throw failed;
                }
                LOG.debug("Model {} failed ({}); asked again in {} ms", model.circuit(), failure.reason(), wait);
                await(wait);
            }
        }
    }

    private ChatResponse once(ModelChoices.Reachable model, ChatRequest request, AnswerStream reader) {
        boolean isStreamed = reader != null && model.models().streaming() != null;
        if (model.models().streaming() == null) {
            return model.models().whole().chat(request); // it is here: nothing to spare
        }
        if (isStreamed) {
            reader.restart(); // of what an earlier try gave
        }
        Circuits.Call circuit = circuits.enter(CIRCUIT, model.circuit());
        try {
            ChatResponse response = isStreamed
                    ? StreamedCall.of(model.models().streaming(), request, reader)
                    : model.models().whole().chat(request);
            circuit.succeeded();
            return response;
        } catch (RuntimeException | Error failed) {
            // what is wrong with this one request, its key or its rate says nothing about how the provider is
            if (RoutedChatModel.isInterrupted(failed)
                    || isReadersFault(failed)
                    || !ModelFailure.of(failed).countsForCircuit()) {
                circuit.ignored();
            } else {
                circuit.failed(failed);
            }
            throw failed;
        }
    }

    private static boolean isReadersFault(Throwable failed) {
        return failed instanceof ReaderGoneException;
    }

    /**
     * The answer as it may be used: calls of tools each with an id, which some providers do not give and others insist on; a
     * text that was cut at its bound without its last, broken sentence.
     *
     * @throws UnusableAnswerException if nothing is left
     */
    static AiMessage usable(ChatResponse response) {
        AiMessage message = response.aiMessage();
        FinishReason reason = response.finishReason();
        if (reason == FinishReason.CONTENT_FILTER || reason == FinishReason.OTHER) {
            throw new UnusableAnswerException("refused to answer", false);
        }
        if (message.hasToolExecutionRequests()) {
            if (reason == FinishReason.LENGTH) {
                throw new UnusableAnswerException("a call of a tool that is cut off", false);
            }
            return with(message, message.text(), withIds(message.toolExecutionRequests()));
        }
        String text = message.text() == null ? "" : message.text().strip();
        if (reason == FinishReason.LENGTH) {
            text = wholeSentences(text);
        }
        if (text.isEmpty()) {
            throw new UnusableAnswerException(reason == FinishReason.LENGTH ? "cut off" : "an empty answer", false);
        }
        return text.equals(message.text()) ? message : with(message, text, List.of());
    }

    private static AiMessage with(AiMessage message, String text, List<ToolExecutionRequest> calls) {
        return AiMessage.builder()
                .text(text)
                .thinking(message.thinking())
                .toolExecutionRequests(calls)
                .attributes(message.attributes())
                .build();
    }

    private static List<ToolExecutionRequest> withIds(List<ToolExecutionRequest> calls) {
        Set<String> ids = new HashSet<>();
        List<ToolExecutionRequest> named = new ArrayList<>();
        for (ToolExecutionRequest call : calls) {
            boolean hasId = call.id() != null && !call.id().isBlank() && ids.add(call.id());
            named.add(
                    hasId
                            ? call
                            : call.toBuilder().id("call_" + UUID.randomUUID()).build());
        }
        return named;
    }

    private static String wholeSentences(String text) {
        BreakIterator borders = BreakIterator.getSentenceInstance(Locale.ROOT);
        borders.setText(text);
        int last = borders.last();
        int end = isEnded(text) ? last : borders.previous();
        return end <= 0 ? "" : text.substring(0, end).strip();
    }

    private static boolean isEnded(String text) {
        return !text.isEmpty()
                && ".!?\u2026\u3002\uff01\uff1f\u061f\u0964".indexOf(text.charAt(text.length() - 1)) >= 0;
    }

    private static long wait(ModelFailure failure, int attempt) {
        if (failure.retryAfter() != null) {
            // a little more by chance, so that those who were told the same do not all come back at once
            return (long) (failure.retryAfter().toMillis()
                    * (1 + ThreadLocalRandom.current().nextDouble(0.1)));
        }
        long wait = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS << Math.min(attempt - 1, 10));
        return (long) (wait * (1 - ThreadLocalRandom.current().nextDouble(SPREAD)));
    }

    /** @throws IllegalStateException with the interruption as its cause, if it is interrupted */
    static void await(long millis) {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The wait for another try was ended", stopped);
        }
    }
}
