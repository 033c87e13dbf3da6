package org.caravanserai.conversation;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Bounds the work in flight. A tenant may use all of it while nobody else has any; above its fair share it is refused
 * once the hub is nearly full. Refused work stays due in its row, so the backlog is in the database and not in the heap.
 */
@Component
@EnableConfigurationProperties(WorkProperties.class)
public class Admission {

    private final int limit;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<UUID, Integer> byTenant = new ConcurrentHashMap<>();

    Admission(WorkProperties work) {
        this.limit = work.maxInFlight();
    }

    /**
     * Takes a place until the exchange is done.
     *
     * @return false if there is none for this tenant now
     */
    public boolean enter(Exchange exchange, UUID tenantId) {
        boolean crowded = inFlight.get() >= limit - limit / 5;
        int share = Math.max(1, limit / Math.max(1, byTenant.size() + 1));
        if (crowded && byTenant.getOrDefault(tenantId, 0) >= share) {
            return false;
        }
        if (inFlight.incrementAndGet() > limit) {
            inFlight.decrementAndGet();
            return false;
        }
        byTenant.merge(tenantId, 1, Integer::sum);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                inFlight.decrementAndGet();
                byTenant.computeIfPresent(tenantId, (id, count) -> count == 1 ? null : count - 1);
            }
        });
        return true;
    }

    /** How much is in flight now. */
    public int inFlight() {
        return inFlight.get();
    }
}
