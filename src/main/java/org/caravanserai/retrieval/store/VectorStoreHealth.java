package org.caravanserai.retrieval.store;

import org.caravanserai.failure.HubException;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the vector store answers. While it does not, search goes by words alone, so the hub is degraded, not down. */
@Component("vectorStoreHealthIndicator")
class VectorStoreHealth implements HealthIndicator {

    private final VectorStore store;

    VectorStoreHealth(VectorStore store) {
        this.store = store;
    }

    @Override
    public Health health() {
        try {
            store.check();
            return Health.up().withDetail("store", store.name()).build();
        } catch (HubException away) {
            return Health.down()
                    .withDetail("store", store.name())
                    .withDetail("error", away.getMessage())
                    .build();
        }
    }
}
