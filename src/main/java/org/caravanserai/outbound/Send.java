package org.caravanserai.outbound;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.tenant.Channel;

/**
 * An outbound message that this hub has claimed as {@code sending}. In exchange property {@code HubSend}.
 *
 * @param id ours; given to the provider where it carries one back
 * @param address the provider's id of the contact
 * @param claimedAt when it was claimed, by this hub's clock
 */
public record Send(
        UUID tenantId,
        UUID id,
        UUID conversationId,
        Channel channel,
        String address,
        String text,
        List<Citation> citations,
        int attempts,
        Instant claimedAt) {}
