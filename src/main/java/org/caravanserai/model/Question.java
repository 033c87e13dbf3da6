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
 */
public record Question(
        UUID tenantId, TenantSettings settings, List<String> texts, List<Turn> history, List<String> facts) {

    /** One earlier message. @param author contact, model, human or system */
    public record Turn(String author, String text) {}

    /** All unanswered texts as one, for retrieval. */
    public String text() {
        return String.join("\n", texts);
    }

    public Question withFacts(List<String> known) {
        return new Question(tenantId, settings, texts, history, List.copyOf(known));
    }
}
