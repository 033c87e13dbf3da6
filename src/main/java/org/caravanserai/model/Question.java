package org.caravanserai.model;

import java.util.List;
import java.util.UUID;
import org.caravanserai.tenant.TenantSettings;

/**
 * What is asked of the model, as it goes through the conversation routes in the exchange property {@code HubQuestion}.
 *
 * @param texts the unanswered texts, oldest first; they go to the model verbatim
 * @param history earlier messages of the conversation, oldest first
 * @param facts what is known of the contact, a line each
 * @param origin where it comes from
 */
public record Question(
        UUID tenantId,
        TenantSettings settings,
        List<String> texts,
        List<Turn> history,
        List<String> facts,
        Origin origin) {

    public Question(
            UUID tenantId, TenantSettings settings, List<String> texts, List<Turn> history, List<String> facts) {
        this(tenantId, settings, texts, history, facts, Origin.NONE);
    }

    /** One earlier message. @param author contact, model, human or system */
    public record Turn(String author, String text) {}

    /**
     * Where a question comes from.
     *
     * @param channelId null if it was not asked on a channel
     * @param messageId the first of the messages that are answered; null if there is none
     * @param reader who reads the answer while it is written; null if nobody does
     */
    public record Origin(UUID channelId, UUID messageId, AnswerStream reader) {

        public static final Origin NONE = new Origin(null, null, null);
    }

    /** All unanswered texts as one, for retrieval. */
    public String text() {
        return String.join("\n", texts);
    }

    public Question withFacts(List<String> known) {
        return new Question(tenantId, settings, texts, history, List.copyOf(known), origin);
    }

    /** The same, from there. */
    public Question from(Origin place) {
        return new Question(tenantId, settings, texts, history, facts, place);
    }
}
