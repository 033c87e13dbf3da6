package org.caravanserai.tenant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The tenants and their settings. Cached for a few seconds: a change through this replica's API counts from the next
 * request on, one through another's within 5 s.
 */
@Component
public class Tenants {

    /** The tenant of config/tenants/demo.yaml. */
    public static final UUID DEMO = UUID.fromString("0192f5a0-0000-7000-8000-00000000d001");

    private static final int CACHED_MAX = 10_000;
    private static final Duration CACHED_FOR = Duration.ofSeconds(4);

    private final TenantTransactions transactions;
    private final ObjectMapper json;
    private final Cache<UUID, Tenant> cache = Caffeine.newBuilder()
            .maximumSize(CACHED_MAX)
            .expireAfterWrite(CACHED_FOR)
            .build();

    Tenants(TenantTransactions transactions, ObjectMapper json) {
        this.transactions = transactions;
        this.json = json;
    }

    public Optional<Tenant> find(UUID id) {
        return Optional.ofNullable(cache.get(
                id,
                sought -> transactions.in(sought, jdbc -> find(jdbc, sought)).orElse(null)));
    }

    /** As {@link #find(UUID)}, not cached, in the caller's transaction. */
    public Optional<Tenant> find(JdbcClient jdbc, UUID id) {
        return jdbc.sql("select name, enabled, settings, limits from tenants where id = ?")
                .param(id)
                .query((row, n) -> {
                    TenantLimits limits = read(row.getString("limits"), TenantLimits.class);
                    TenantSettings settings = read(row.getString("settings"), TenantSettings.class);
                    return new Tenant(
                            id, row.getString("name"), row.getBoolean("enabled"), settings.within(limits), limits);
                })
                .optional();
    }

    /** What the tenant has set, within the operator's limits; nothing for one that is gone. */
    public TenantSettings settings(UUID id) {
        return find(id).map(Tenant::settings).orElse(TenantSettings.NONE);
    }

    /** Whether the tenant exists and is enabled. */
    public boolean isEnabled(UUID id) {
        return find(id).map(Tenant::enabled).orElse(false);
    }

    /** Forgets what is cached, after the tenant was changed or deleted. */
    public void forget(UUID id) {
        cache.invalidate(id);
    }

    private <T> T read(String stored, Class<T> type) {
        try {
            return json.readValue(stored, type);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("A tenant's stored settings cannot be read", ours);
        }
    }
}
