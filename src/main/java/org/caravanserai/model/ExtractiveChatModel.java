package org.caravanserai.model;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.work.ComputePool;
import org.caravanserai.work.Job;

/**
 * Answers with the best sentences of the passages, word for word, and the number of the passage they are from. It needs
 * no key and no network, invents nothing, and says so when there is nothing.
 */
final class ExtractiveChatModel implements ChatModel {

    static final String PROVIDER = "extractive";

    private static final int MAX_TEXTS = 4;
    private static final int MAX_ANSWER = 1_500;
    private static final int CHARACTERS_A_TOKEN = 4;

    private final SentenceRanking ranking;
    private final ComputePool compute;

    ExtractiveChatModel(SentenceRanking ranking, ComputePool compute) {
        this.ranking = ranking;
        this.compute = compute;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        String answer = ModelCall.of(request.messages()).map(this::answer).orElse(AnswerMaker.NO_ANSWER);
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(answer))
                .tokenUsage(new TokenUsage(
                        request.messages().stream()
                                        .mapToInt(ExtractiveChatModel::length)
                                        .sum()
                                / CHARACTERS_A_TOKEN,
                        answer.length() / CHARACTERS_A_TOKEN))
                .build();
    }

    private String answer(ModelCall call) {
        List<Sentence> sentences =
                compute.run(Job.of("sentences", call.question().tenantId()), () -> sentences(call.passages()));
        SentenceRanking.Asker asker = new SentenceRanking.Asker(
                call.question().tenantId(), call.question().settings());
        // each text of a burst may ask something else
        List<String> texts = call.question().texts();
        Set<Sentence> chosen = new LinkedHashSet<>();
        for (String text : texts.subList(Math.max(0, texts.size() - MAX_TEXTS), texts.size())) {
            float[] vector = texts.size() == 1 ? call.queryVector().orElse(null) : null;
            chosen.addAll(ranking.best(asker, text, vector, sentences, call.passages()));
        }
        return chosen.isEmpty() ? AnswerMaker.NO_ANSWER : write(List.copyOf(chosen));
    }

    private static List<Sentence> sentences(List<Passage> passages) {
        List<Sentence> sentences = new ArrayList<>();
        for (int i = 0; i < passages.size(); i++) {
            sentences.addAll(Sentence.of(i + 1, passages.get(i).text()));
        }
        return sentences;
    }

    /** The sentences, each run from one passage with that passage's number after it. */
    private static String write(List<Sentence> sentences) {
        StringBuilder answer = new StringBuilder();
        for (int i = 0; i < sentences.size() && answer.length() < MAX_ANSWER; i++) {
            Sentence sentence = sentences.get(i);
            answer.append(answer.isEmpty() ? "" : " ").append(closed(sentence.text()));
            boolean lastOfRun = i + 1 == sentences.size()
                    || sentences.get(i + 1).passage() != sentence.passage()
                    || answer.length() >= MAX_ANSWER;
            if (lastOfRun) {
                answer.append(" [").append(sentence.passage()).append(']');
            }
        }
        return answer.toString();
    }

    /** With a full stop where there is none, as after an item of a list. */
    private static String closed(String sentence) {
        return Character.isLetterOrDigit(sentence.codePointBefore(sentence.length())) ? sentence + "." : sentence;
    }

    private static int length(ChatMessage message) {
        return message instanceof UserMessage user && user.hasSingleText()
                ? user.singleText().length()
                : message.toString().length();
    }
}
