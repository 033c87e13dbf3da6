package org.caravanserai.webhook;

import java.util.List;
import java.util.UUID;

/**
 * A delivery that this hub makes an attempt of. In exchange property {@code HubDelivery}.
 *
 * @param secrets newest first; two while one is being rotated out
 * @param isOrdered whether the endpoint gets its events one after the other
 * @param isMoreParked whether others waited for a place at the endpoint when this one got its
 * @param startNanos when the attempt began
 */
record Delivery(
        UUID tenantId,
        UUID id,
        UUID webhookId,
        UUID eventId,
        String eventType,
        UUID messageId,
        String url,
        List<String> secrets,
        String body,
        int attempt,
        boolean isOrdered,
        boolean isMoreParked,
        long startNanos) {

    @Override
    public String toString() {
        return "Delivery[" + id + " to webhook " + webhookId + "]";
    }
}
