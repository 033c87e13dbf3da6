package org.caravanserai.model;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.tenant.TenantSettings;

/**
 * One answer's calls of models, with what does not fit through Camel's chat component: it goes with the last user message, as
 * an attribute that no provider is sent, and brings the usage back.
 */
final class ModelCall {

    private static final String ATTRIBUTE = "hub.call";
    private static final int KEPT_MAX = 20;

    private final UUID id = UUID.randomUUID();
    private final Question question;
    private final ToolUse toolUse = new ToolUse();
    private volatile List<Passage> passages;
    private final float[] queryVector;
    private final AnswerReader reader;
    private final List<Map<String, Object>> passedOver = new ArrayList<>();
    private volatile Answer.Usage usage;
    private volatile String failure;

    /** @param queryVector of the question's whole text; null if it was not embedded */
    ModelCall(Question question, List<Passage> passages, float[] queryVector) {
        this.question = question;
        this.passages = List.copyOf(passages);
        this.queryVector = queryVector;
        this.reader = AnswerReader.of(question, toolUse::mask);
    }

    /** The call that the messages belong to; after its user message may stand calls of tools and what they gave back. */
    static Optional<ModelCall> of(List<ChatMessage> messages) {
        for (ChatMessage message : messages.reversed()) {
            if (message instanceof UserMessage user && user.attribute(ATTRIBUTE, ModelCall.class) != null) {
                return Optional.of(user.attribute(ATTRIBUTE, ModelCall.class));
            }
        }
        return Optional.empty();
    }

    /** The last user message of this call. */
    UserMessage message(String text) {
        return UserMessage.builder()
                .contents(List.of(TextContent.from(text)))
                .attributes(Map.of(ATTRIBUTE, this))
                .build();
    }

    /** The answer's, in the ledger. */
    UUID id() {
        return id;
    }

    Question question() {
        return question;
    }

    /** Numbered from 1 in this order. */
    List<Passage> passages() {
        return passages;
    }

    /** Adds what a tool found. @return the number of the first */
    synchronized int add(List<Passage> found) {
        int first = passages.size() + 1;
        List<Passage> all = new ArrayList<>(passages);
        all.addAll(found);
        passages = List.copyOf(all);
        return first;
    }

    /** What tools the model may call, and what became of it. */
    ToolUse toolUse() {
        return toolUse;
    }

    Optional<float[]> queryVector() {
        return Optional.ofNullable(queryVector);
    }

    /** Who reads along; null if nobody does. */
    AnswerReader reader() {
        return reader;
    }

    /** Adds what a call of a model took; the provider and model are those that were asked last. */
    void answered(Answer.Usage taken) {
        Answer.Usage before = usage;
        usage = before == null ? taken : before.plus(taken);
    }

    /** A model did not answer. @param reason nothing of what was asked or answered */
    void passedOver(String provider, String model, String reason) {
        synchronized (passedOver) {
            if (passedOver.size() < KEPT_MAX) {
                passedOver.add(Map.of("provider", provider, "model", model, "reason", reason));
            }
        }
    }

    /** Those that did not answer, in order, for the timeline. */
    List<Map<String, Object>> passedOver() {
        synchronized (passedOver) {
            return List.copyOf(passedOver);
        }
    }

    /** No model could be asked. */
    void fail() {
        failure = "fallback";
    }

    /** None of those models may be asked that could be: the month's budget is used up. */
    void failForBudget() {
        failure = "budget";
    }

    /** What the contact is told where no model answers. */
    String failureReply() {
        TenantSettings.Replies replies = question.settings().repliesOrDefault();
        return "budget".equals(failure) ? replies.budget() : replies.fallback();
    }

    boolean failed() {
        return failure != null;
    }

    /** {@code fallback} or {@code budget}, if no model could be asked. */
    String failure() {
        return failure;
    }

    /** What the answer took; nothing if there was none. */
    Optional<Answer.Usage> usage() {
        return Optional.ofNullable(usage);
    }

    /** Without the texts: messages are logged by what prints them. */
    @Override
    public String toString() {
        return "ModelCall[tenant=" + question.tenantId() + ", passages=" + passages.size() + "]";
    }
}
