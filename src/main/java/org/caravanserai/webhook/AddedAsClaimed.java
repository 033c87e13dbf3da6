package org.caravanserai.webhook;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;

/**
 * Deliveries that the fan-out added as claimed by this hub, on their way to their attempts, which so need no transaction to
 * begin with. In an exchange property.
 *
 * @param rows by their ids; each is taken out once
 * @param sinceNanos when they were claimed
 */
record AddedAsClaimed(Map<UUID, ClaimDeliveries.Row> rows, long sinceNanos) {

    static final String PROPERTY = "HubAddedAsClaimed";

    /** Well before the sweep wakes them. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    AddedAsClaimed(Map<UUID, ClaimDeliveries.Row> rows) {
        this(rows, System.nanoTime());
    }

    /**
     * The row of a delivery, if it came so; null for one that its attempt has to claim. Also null if so much time went by that
     * the sweep may have had it attempted meanwhile.
     */
    static ClaimDeliveries.Row take(Exchange exchange, UUID deliveryId) {
        if (!(exchange.getProperty(PROPERTY) instanceof AddedAsClaimed added)) {
            return null;
        }
        ClaimDeliveries.Row row = added.rows.remove(deliveryId);
        return System.nanoTime() - added.sinceNanos < FRESH.toNanos() ? row : null;
    }
}
