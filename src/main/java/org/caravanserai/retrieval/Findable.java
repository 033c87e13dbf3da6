package org.caravanserai.retrieval;

import java.time.Duration;
import java.util.UUID;
import org.caravanserai.failure.HubException;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.retrieval.store.VectorStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** For those who write chunks: has searches follow, and says when they find what was written. */
@Component
public class Findable {

    private static final Logger LOG = LoggerFactory.getLogger(Findable.class);

    private final IndexFollower follower;
    private final VectorStore store;
    private final VectorProperties vectors;

    Findable(IndexFollower follower, VectorStore store, VectorProperties vectors) {
        this.follower = follower;
        this.store = store;
        this.vectors = vectors;
    }

    /** After the commit of a change: this hub's index follows at once, those of other hubs when they look. */
    public void changed(UUID tenantId, long changeNo) {
        follower.follow(tenantId, changeNo);
    }

    /**
     * Waits until searches on this hub find what the change brought. A vector store outside is waited for too, for as long as
     * {@code hub.vectors.max-wait}; without it, words find the change.
     *
     * @return false if that took longer
     */
    public boolean await(UUID tenantId, long changeNo, Duration longest) {
        if (!follower.awaitFound(tenantId, changeNo, longest)) {
            return false;
        }
        if (!vectors.isEmbedded()) {
            try {
                store.follow(tenantId);
            } catch (HubException away) {
                LOG.debug("The vector store {} has not followed tenant {} yet", store.name(), tenantId, away);
            }
        }
        return true;
    }
}
