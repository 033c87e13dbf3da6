package org.caravanserai.inbound;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What one part of an accepted payload says, in the terms of no provider. */
public sealed interface InboundEvent {

    /**
     * A contact wrote.
     *
     * @param externalId the provider's id of the message
     * @param address the provider's id of the contact
     * @param name may be null
     * @param type text, or the provider's word for anything else
     * @param text null where the type has none
     */
    record Received(
            String externalId,
            String address,
            String name,
            String type,
            String text,
            List<Map<String, Object>> attachments,
            Instant at)
            implements InboundEvent {}

    /**
     * The provider tells how a message of ours fares.
     *
     * @param externalId the provider's id of our message
     * @param status sent, delivered, read or failed
     * @param messageId our own id, where the provider carries it back; else null
     * @param detail what the provider said of a failure; else null
     */
    record StatusChanged(String externalId, String status, UUID messageId, Instant at, Map<String, Object> detail)
            implements InboundEvent {}

    /** Nothing that the hub uses. The reason is kept with the inbox row. */
    record Ignored(String reason) implements InboundEvent {}
}
