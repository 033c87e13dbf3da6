package org.caravanserai.conversation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.model.Answer;
import org.caravanserai.retrieval.Citation;

/**
 * A message as the API and the tenant webhooks show it.
 *
 * @param direction inbound or outbound
 * @param author contact, model, human or system
 * @param status received, pending, sending, sent, delivered, read or failed
 * @param externalId the provider's id; null until it is known
 * @param usage what the model took; null if none was asked
 */
public record MessageView(
        UUID id,
        UUID conversationId,
        String direction,
        String author,
        String type,
        String text,
        List<Map<String, Object>> attachments,
        String status,
        String externalId,
        Instant createdAt,
        List<Citation> citations,
        Answer.Usage usage) {}
