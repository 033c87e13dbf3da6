package org.caravanserai.conversation;

import java.time.Instant;
import java.util.UUID;

/** A conversation as the API and the webhooks show it. @param status active, assigned_human or resolved */
public record ConversationView(UUID id, UUID channelId, ContactView contact, String status, Instant lastMessageAt) {

    /** Whom it is with. @param name null if the channel tells none */
    public record ContactView(UUID id, String name, String address) {}
}
