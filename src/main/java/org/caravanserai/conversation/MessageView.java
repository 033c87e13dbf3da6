package org.caravanserai.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.model.Answer;
import org.caravanserai.retrieval.Citation;

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
        String direction,
        String author,
        String type,
        String text,
        JsonNode attachments,
        String status,
        String externalId,
        Instant createdAt,
        List<Citation> citations,
        Answer.Usage usage) {}
