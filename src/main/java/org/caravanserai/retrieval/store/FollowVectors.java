package org.caravanserai.retrieval.store;

import java.util.List;
import java.util.UUID;
import org.caravanserai.failure.HubException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Brings to the store what nobody has searched for since, so that what a tenant deleted is gone there too. */
@Component("followVectors")
public class FollowVectors {

    private static final Logger LOG = LoggerFactory.getLogger(FollowVectors.class);
    private static final int AT_A_TIME = 50;

    private final VectorStore store;
    private final VectorFeed feed;
    private final VectorProperties properties;

    FollowVectors(VectorStore store, VectorFeed feed, VectorProperties properties) {
        this.store = store;
        this.feed = feed;
        this.properties = properties;
    }

    /** Some of the tenants that the store is behind with. */
    public void run() {
        if (properties.isEmbedded()) {
            return; // each hub's own, which follows when it is searched, and goes with the tenant
        }
        List<UUID> behind = feed.behind(store.name(), AT_A_TIME);
        for (UUID tenantId : behind) {
            try {
                store.follow(tenantId);
            } catch (HubException away) {
                LOG.warn("The vector store does not follow: {}", away.getMessage());
                return;
            }
        }
    }
}
