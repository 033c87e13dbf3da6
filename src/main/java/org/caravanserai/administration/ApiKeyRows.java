package org.caravanserai.administration;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.RandomKeys;
import org.caravanserai.security.TenantKeys;
import org.caravanserai.tenant.QuotaProperties;
import org.caravanserai.tenant.Quotas;
import org.caravanserai.tenant.Quotas.Quota;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes tenants' API keys. The keys themselves are never stored. */
@Component
class ApiKeyRows {

    /** The name of the key that a declared tenant's file sets. */
    static final String DECLARED = "declared";

    private static final int PREFIX_LENGTH = 8;

    /** For clocks that differ. */
    private static final Duration LENIENCE = Duration.ofMinutes(5);

    private final TenantTransactions transactions;
    private final TenantKeys tenantKeys;
    private final Quotas quotas;
    private final Duration lifetime;
    private final RandomKeys random;
    private final Ids ids;

    ApiKeyRows(
            TenantTransactions transactions,
            TenantKeys tenantKeys,
            Quotas quotas,
            QuotaProperties properties,
            RandomKeys random,
            Ids ids) {
        this.quotas = quotas;
        this.lifetime = properties.keyLifetime();
        this.transactions = transactions;
        this.tenantKeys = tenantKeys;
        this.random = random;
        this.ids = ids;
    }

    /** A key that a tenant makes for itself has an end; the operator's need none. */
    ApiKeyView create(UUID tenantId, Fields body, By by) {
        String name = body.required("name", 200);
        Instant given = body.instant("expiresAt");
        Instant now = Instant.now();
        Instant latest = now.plus(lifetime);
        if (given != null && !given.isAfter(now)) {
            body.wrong("expiresAt", "must be in the future.");
        }
        if (given != null && !by.isOperator() && given.isAfter(latest.plus(LENIENCE))) {
            body.wrong("expiresAt", "must be at most " + lifetime.toDays() + " days from now.");
        }
        body.finish();
        Instant expiresAt = given == null && !by.isOperator() ? latest : given;
        return transactions.in(tenantId, jdbc -> {
            quotas.reserve(jdbc, Quota.API_KEYS, 1);
            return insert(jdbc, tenantId, name, expiresAt);
        });
    }

    /** Makes a key in the caller's transaction. */
    ApiKeyView insert(JdbcClient jdbc, UUID tenantId, String name, Instant expiresAt) {
        String key = random.apiKey("cvt");
        UUID id = ids.next();
        insert(jdbc, tenantId, id, name, key, expiresAt);
        return new ApiKeyView(id, name, prefix(key), key, Instant.now(), null, expiresAt);
    }

    private void insert(JdbcClient jdbc, UUID tenantId, UUID id, String name, String key, Instant expiresAt) {
        jdbc.sql("""
                insert into api_keys (id, tenant_id, name, prefix, hash, expires_at) values (?, ?, ?, ?, ?, ?)""")
                .params(
                        id,
                        tenantId,
                        name,
                        prefix(key),
                        tenantKeys.made(key),
                        expiresAt == null ? null : Timestamp.from(expiresAt))
                .update();
    }

    /** Makes this the tenant's declared key, in place of the one before. */
    void declare(UUID tenantId, String key) {
        byte[] hash = TenantKeys.hash(key);
        transactions.run(tenantId, jdbc -> {
            jdbc.sql("delete from api_keys where name = ? and hash <> ?")
                    .params(DECLARED, hash)
                    .update();
            boolean isKnown = jdbc.sql("select exists (select 1 from api_keys where hash = ?)")
                    .param(hash)
                    .query(Boolean.class)
                    .single();
            if (!isKnown) {
                insert(jdbc, tenantId, ids.next(), DECLARED, key, null);
            }
        });
        tenantKeys.forget();
    }

    /** Newest first; up to one more than a page. */
    List<ApiKeyView> list(UUID tenantId, PageRequest page) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("""
                        select id, name, prefix, created_at, last_used_at, expires_at from api_keys
                          where id < ? order by id desc limit ?""")
                .params(Ids.orGreatest(page.afterId()), page.limit() + 1)
                .query((row, n) -> new ApiKeyView(
                        row.getObject("id", UUID.class),
                        row.getString("name"),
                        row.getString("prefix"),
                        null,
                        instant(row.getTimestamp("created_at")),
                        instant(row.getTimestamp("last_used_at")),
                        instant(row.getTimestamp("expires_at"))))
                .list());
    }

    void delete(UUID tenantId, UUID id) {
        int deleted = transactions.in(
                tenantId,
                jdbc -> jdbc.sql("delete from api_keys where id = ?").param(id).update());
        if (deleted == 0) {
            throw RejectedException.notFound("The API key");
        }
        tenantKeys.forget();
    }

    private static String prefix(String key) {
        return key.substring(0, Math.min(PREFIX_LENGTH, key.length()));
    }

    private static Instant instant(Timestamp at) {
        return at == null ? null : at.toInstant();
    }
}
