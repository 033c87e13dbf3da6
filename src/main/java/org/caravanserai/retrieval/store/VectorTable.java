package org.caravanserai.retrieval.store;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a store outside must be able to do for {@link FollowingStore} to keep it up to date. Everything may be repeated: what
 * is put twice is there once, what is removed twice is gone. A call sees one tenant's vectors and no other's.
 */
interface VectorTable extends AutoCloseable {

    /** A vector of length 1 and the chunk that it is of. */
    record Point(UUID chunkId, float[] vector) {}

    String name();

    /** How far the space follows the tenant; empty if the store knows nothing of it, be it because it was lost. */
    Optional<Mark> mark(UUID tenantId, Space space);

    /** Sets the mark, after the changes up to it were made. */
    void mark(UUID tenantId, Space space, Mark mark);

    void put(UUID tenantId, Space space, List<Point> points);

    void remove(UUID tenantId, Space space, List<UUID> chunkIds);

    List<Near> nearest(UUID tenantId, Space space, float[] question, int limit);

    /** Removes the tenant from every space but this one. @param kept null for none */
    void forget(UUID tenantId, Space kept);

    /** Returns if the store answers. */
    void check();

    @Override
    void close();
}
