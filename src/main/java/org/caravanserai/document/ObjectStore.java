package org.caravanserai.document;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.UUID;

/** Where the bytes of documents are kept. A key belongs to one tenant; no key is made of what a tenant wrote. */
public interface ObjectStore {

    /** What was stored. @param sha256 digest of the bytes */
    record Written(long bytes, byte[] sha256) {}

    /**
     * Stores the bytes durably, or nothing at all.
     *
     * @throws org.caravanserai.failure.RejectedException 413 if there are more than {@code maxBytes}
     */
    Written put(UUID tenantId, String key, InputStream content, long maxBytes) throws IOException;

    /** @throws java.nio.file.NoSuchFileException if there is none */
    InputStream open(UUID tenantId, String key) throws IOException;

    /** Forgets the object; none under the key is no failure. */
    void delete(UUID tenantId, String key) throws IOException;

    /** Forgets all objects of a tenant. */
    void deleteAll(UUID tenantId) throws IOException;

    /** The tenants that have objects on this hub's own disk. */
    default Set<UUID> tenantsOnDisk() {
        return Set.of();
    }
}
