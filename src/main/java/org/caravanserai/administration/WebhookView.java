package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;

/**
 * A webhook as the API shows it.
 *
 * @param secret masked, but for one that was just made
 * @param disabledReason why the hub disabled it
 */
record WebhookView(
        UUID id,
        String url,
        List<String> events,
        @JsonInclude(JsonInclude.Include.NON_NULL) String description,
        boolean enabled,
        boolean ordered,
        String secret,
        @JsonInclude(JsonInclude.Include.NON_NULL) String disabledReason) {}
