package org.caravanserai.conversation;

import java.time.Instant;
import java.util.UUID;

/**
 * A conversation as the API and the tenant webhooks show it.
 *
 * @param status active, assigned_human or resolved
 */
public record ConversationView(UUID id, UUID channelId, Contact contact, String status, Instant lastMessageAt) {

    /** Who it is with. @param name null if the provider gave none */
    public record Contact(UUID id, String name, String address) {}
}
