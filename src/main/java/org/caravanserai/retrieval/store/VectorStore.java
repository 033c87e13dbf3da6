package org.caravanserai.retrieval.store;

import java.util.List;
import java.util.UUID;

/**
 * Where the vectors of tenants' chunks are searched. Every store is a copy of the {@code chunks} rows, which are the truth:
 * one that is lost is filled again from them. HUB_VECTOR_STORE chooses which.
 */
public interface VectorStore {

    /** As HUB_VECTOR_STORE names it. */
    String name();

    /**
     * The tenant's chunks nearest to a question, of what the store holds now, best first: some may be missing that were
     * written lately, and some be there that were deleted. Only vectors of the model that is in use now, and of the
     * question's dimension, take part.
     *
     * @param question of length 1
     * @param limit 1 to 1000
     * @throws org.caravanserai.failure.RetryableException if the store is away
     */
    List<Near> nearest(UUID tenantId, float[] question, int limit);

    /** Removes all that the store holds of a tenant that is gone. */
    void forgetTenant(UUID tenantId);

    /**
     * Returns if the store answers within two seconds.
     *
     * @throws org.caravanserai.failure.HubException if it does not, saying why
     */
    void check();

    /** Brings what the store holds of a tenant up to its rows, and waits for that as long as a caller may be kept waiting. */
    void follow(UUID tenantId);
}
