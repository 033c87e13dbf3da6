package org.caravanserai.administration;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.RandomKeys;
import org.caravanserai.security.TenantKeys;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes tenants' API keys. The keys themselves are never stored. */
@Component
class ApiKeyRows {

    /** The name of the key that a declared tenant's file sets. */
    static final String DECLARED = "declared";

    private static final int PREFIX_LENGTH = 8;

    private final TenantTransactions transactions;
    private final TenantKeys tenantKeys;
    private final RandomKeys random;
    private final Ids ids;

    ApiKeyRows(TenantTransactions transactions, TenantKeys tenantKeys, RandomKeys random, Ids ids) {
        this.transactions = transactions;
        this.tenantKeys = tenantKeys;
        this.random = random;
        this.ids = ids;
    }

    ApiKeyView create(UUID tenantId, Fields body) {
        String name = body.required("name", 200);
        Instant expiresAt = body.instant("expiresAt");
        if (expiresAt != null && !expiresAt.isAfter(Instant.now())) {
            body.wrong("expiresAt", "must be in the future.");
        }
        body.finish();
        return transactions.in(tenantId, jdbc -> insert(jdbc, tenantId, name, expiresAt));
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
