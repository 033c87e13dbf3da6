package org.caravanserai.conversation;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.springframework.lang.Nullable;

/** A conversation as the API and the webhooks show it. @param status active, assigned_human or resolved */
public record ConversationView(
        UUID id,
        UUID channelId,
        ContactView contact,

        @Schema(allowableValues = {"active", "assigned_human", "resolved"})
        String status,

        Instant lastMessageAt) {

    /** Whom it is with. @param name null if the channel tells none */
    public record ContactView(UUID id, @Nullable String name, String address) {}
}
