package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.tenant.ChannelClaims.Claim;

/**
 * A channel as the API shows it.
 *
 * @param config secrets masked, but for one that was just made
 * @param claim whether its address is its own; only of a kind that has an address which is unique in the hub
 */
record ChannelView(
        UUID id,
        String type,
        String name,
        boolean enabled,
        Map<String, Object> config,
        String webhookUrl,
        @JsonInclude(JsonInclude.Include.NON_NULL) Claim claim) {}
