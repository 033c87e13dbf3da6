package org.caravanserai.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.model.Answer;
import org.caravanserai.retrieval.Citation;
import org.springframework.lang.Nullable;

/**
 * A message as the API and the webhooks show it.
 *
 * @param direction inbound or outbound
 * @param author contact, model, human or system
 * @param text null for types without
 * @param status received, pending, sending, sent, delivered, read or failed
 * @param externalId the provider's id; null until there is one
 * @param usage what the model took; null where none was asked
 */
public record MessageView(
        UUID id,
        UUID conversationId,
        @Schema(allowableValues = {"inbound", "outbound"}) String direction,

        @Schema(allowableValues = {"contact", "model", "human", "system"})
        String author,

        String type,
        @Nullable String text,
        @Schema(types = "array") JsonNode attachments,

        @Schema(allowableValues = {"received", "pending", "sending", "sent", "delivered", "read", "failed"})
        String status,

        @Nullable String externalId,
        Instant createdAt,
        List<Citation> citations,
        @Nullable Answer.Usage usage) {

    /** The same, further on its way. */
    MessageView withStatus(String newStatus, String newExternalId) {
        return new MessageView(
                id,
                conversationId,
                direction,
                author,
                type,
                text,
                attachments,
                newStatus,
                newExternalId,
                createdAt,
                citations,
                usage);
    }
}
