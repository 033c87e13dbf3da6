package org.caravanserai.conversation;

import java.util.List;
import java.util.UUID;
import org.caravanserai.tenant.TenantSettings;

/**
 * A conversation that this hub holds the lease of, and what is to be answered in it. In exchange property {@code HubTurn}.
 *
 * @param fence the lease's number; whoever has an older one has lost the lease
 * @param attempts to answer it, this one included, of which the earlier ones failed
 * @param deaths claims of it that had no end
 * @param inbound the messages that the reply will cover, oldest first
 * @param textless true if none of them has a text
 */
public record Turn(
        UUID tenantId,
        UUID conversationId,
        UUID channelId,
        String channelType,
        Contact contact,
        long fence,
        int attempts,
        int deaths,
        int superseded,
        TenantSettings settings,
        List<UUID> inbound,
        boolean textless) {

    /** Who wrote. @param name null if the channel tells none */
    record Contact(UUID id, String name, String address) {}
}
