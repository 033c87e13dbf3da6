package org.caravanserai.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A delivery as the API shows it.
 *
 * @param status pending, delivered or failed
 * @param attempts the last 50, oldest first, of all rounds
 * @param nextAttemptAt null unless pending
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeliveryView(
        UUID id, UUID eventId, String eventType, String status, List<Attempt> attempts, Instant nextAttemptAt) {

    /**
     * One attempt.
     *
     * @param status the endpoint's HTTP status; null if it did not answer
     * @param response the first KiB of the answer
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Attempt(Instant at, Integer status, long durationMs, String error, String response) {}
}
