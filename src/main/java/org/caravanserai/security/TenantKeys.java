package org.caravanserai.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/** Finds the tenant whose API key a request carries. Only hashes of keys are stored, held and looked up. */
@Component
public class TenantKeys {

    private static final int CACHED_MAX = 10_000;
    private static final Duration CACHED_FOR = Duration.ofSeconds(4);

    private final TenantTransactions transactions;
    private final Cache<ByteBuffer, Found> cache = Caffeine.newBuilder()
            .maximumSize(CACHED_MAX)
            .expireAfterWrite(CACHED_FOR)
            .build();

    private record Found(UUID tenantId, UUID keyId) {}

    TenantKeys(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /** How a key is stored. */
    public static byte[] hash(String key) {
        return Digest.sha256(key);
    }

    /** Forgets what is cached, after a key or a tenant was deleted. */
    public void forget() {
        cache.invalidateAll();
    }

    Optional<UUID> tenantOf(byte[] hash) {
        return Optional.ofNullable(cache.get(ByteBuffer.wrap(hash), key -> load(hash)))
                .map(Found::tenantId);
    }

    private Found load(byte[] hash) {
        Optional<Found> found =
                transactions.acrossTenants(jdbc -> jdbc.sql("select tenant_id, key_id from hub_find_api_key(?)")
                        .param(hash)
                        .query(Found.class)
                        .optional());
        found.ifPresent(key -> transactions.run(
                key.tenantId, jdbc -> jdbc.sql("""
                        update api_keys set last_used_at = now()
                          where id = ? and (last_used_at is null or last_used_at < now() - interval '1 minute')""").param(key.keyId).update()));
        return found.orElse(null);
    }
}
