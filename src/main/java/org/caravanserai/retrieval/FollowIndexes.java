package org.caravanserai.retrieval;

import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Looks which tenants' rows moved, on whichever hub, and has this hub's indexes follow them. */
@Component("followIndexes")
public class FollowIndexes {

    private static final int AT_A_TIME = 10_000;

    private final ChunkFeed feed;
    private final IndexFollower follower;
    private final RetrievalProperties properties;
    private Map<UUID, Long> seen = Map.of();
    private OffsetDateTime since;

    FollowIndexes(ChunkFeed feed, IndexFollower follower, RetrievalProperties properties) {
        this.feed = feed;
        this.follower = follower;
        this.properties = properties;
    }

    /** One statement. The first time the indexes of the tenants that changed last are opened, or built, as many as stay open. */
    public synchronized void run() {
        List<ChunkFeed.Moved> moved = feed.moved(since, since == null ? properties.openIndexes() : AT_A_TIME);
        Map<UUID, Long> now = new HashMap<>();
        for (ChunkFeed.Moved one : moved) {
            now.put(one.tenantId(), one.changeNo());
            if (!Long.valueOf(one.changeNo()).equals(seen.get(one.tenantId()))) {
                follower.follow(one.tenantId(), one.changeNo());
            }
        }
        seen = now;
        since = moved.stream()
                .map(ChunkFeed.Moved::movedAt)
                .max(Comparator.naturalOrder())
                .orElse(since);
        follower.followAllBehind();
    }
}
