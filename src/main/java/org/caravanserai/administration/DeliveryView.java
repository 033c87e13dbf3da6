package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.springframework.lang.Nullable;

/** A delivery of an event to a webhook as the API shows it. @param status pending, delivered or failed */
record DeliveryView(
        UUID id,
        UUID eventId,
        String eventType,

        @Schema(allowableValues = {"pending", "delivered", "failed"})
        String status,

        List<Attempt> attempts,
        @JsonInclude(JsonInclude.Include.NON_NULL) Instant nextAttemptAt) {

    /** One request. @param status of the answer; null if there was none @param response its first KiB */
    record Attempt(
            Instant at,
            @Nullable Integer status,
            long durationMs,
            @JsonInclude(JsonInclude.Include.NON_NULL) String error,
            @JsonInclude(JsonInclude.Include.NON_NULL) String response) {}
}
