package org.caravanserai.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Tenants;
import org.springframework.stereotype.Component;

/** Finds the tenant whose API key a request carries. Only hashes of keys are stored, held and looked up. */
@Component
public class TenantKeys {

    private static final int CACHED_MAX = 10_000;
    private static final Duration CACHED_FOR = Duration.ofSeconds(4);
    private static final Duration GOOD_FOR = Duration.ofDays(1);

    private final TenantTransactions transactions;
    private final Tenants tenants;
    private final Cache<ByteBuffer, Found> cache = Caffeine.newBuilder()
            .maximumSize(CACHED_MAX)
            .expireAfterWrite(CACHED_FOR)
            .build();

    private final Cache<ByteBuffer, Boolean> unknown = Caffeine.newBuilder()
            .maximumSize(CACHED_MAX)
            .expireAfterWrite(CACHED_FOR)
            .build();

    private final Cache<ByteBuffer, Boolean> good = Caffeine.newBuilder()
            .maximumSize(CACHED_MAX)
            .expireAfterAccess(GOOD_FOR)
            .build();

    private record Found(UUID tenantId, UUID keyId) {

        private Caller caller() {
            return Caller.tenant(tenantId, keyId);
        }
    }

    TenantKeys(TenantTransactions transactions, Tenants tenants) {
        this.tenants = tenants;
        this.transactions = transactions;
    }

    /** How a key is stored. */
    public static byte[] hash(String key) {
        return Digest.sha256(key);
    }

    /** How a key that is being made is stored. It may be looked up from any address from now on. */
    public byte[] made(String key) {
        byte[] hash = hash(key);
        good.put(ByteBuffer.wrap(hash), true);
        return hash;
    }

    /** Forgets what is cached, after a key or a tenant was deleted. */
    public void forget() {
        cache.invalidateAll();
        unknown.invalidateAll();
    }

    /** Whose key this is, if that was looked up just now. */
    Optional<Caller> cached(byte[] hash) {
        return Optional.ofNullable(cache.getIfPresent(ByteBuffer.wrap(hash))).map(Found::caller);
    }

    /** Whether it was right of late, so that to look it up again is no help to who guesses. */
    boolean wasGood(byte[] hash) {
        return good.getIfPresent(ByteBuffer.wrap(hash)) != null;
    }

    /** Whose key this is. That it is nobody's is known for a few seconds too. */
    Optional<Caller> find(byte[] hash) {
        ByteBuffer key = ByteBuffer.wrap(hash);
        if (unknown.getIfPresent(key) != null) {
            return Optional.empty();
        }
        Found found = cache.get(key, sought -> load(hash));
        if (found == null) {
            unknown.put(key, true);
            good.invalidate(key);
        } else {
            good.put(key, true);
        }
        return Optional.ofNullable(found).map(Found::caller);
    }

    /** Whether it is a key of a tenant that the operator has disabled. */
    boolean isDisabled(Caller caller) {
        return !caller.isAdmin()
                && tenants.find(caller.tenantId())
                        .filter(tenant -> !tenant.enabled())
                        .isPresent();
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
