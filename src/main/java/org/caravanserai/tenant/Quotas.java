package org.caravanserai.tenant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RejectedException.FieldError;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How much a tenant has of what it may have. A quota is checked in the transaction that adds to it. */
@Component
@EnableConfigurationProperties(QuotaProperties.class)
public class Quotas {

    private final TenantTransactions transactions;
    private final QuotaProperties defaults;
    private final ObjectMapper json;

    /** What is counted. */
    public enum Quota {
        DOCUMENTS("documents", "select count(*) from documents"),
        DOCUMENT_BYTES(
                "documentBytes",
                "select coalesce(sum(bytes + octet_length(metadata::text)), 0)::bigint from documents"),
        WEBHOOKS("webhooks", "select count(*) from webhooks"),
        API_KEYS("apiKeys", "select count(*) from api_keys"),
        CHANNELS("channels", "select count(*) from channels"),
        TOOLS("tools", "select jsonb_array_length(coalesce(settings #> '{tools,http}', '[]')) from tenants"),
        MCP_SERVERS("mcpServers", "select jsonb_array_length(coalesce(settings -> 'mcpServers', '[]')) from tenants");

        private final String label;
        private final String count;

        Quota(String label, String count) {
            this.label = label;
            this.count = count;
        }
    }

    /** A quota and what is used of it. */
    @Schema(name = "QuotaUse")
    public record Used(String name, long used, long limit) {}

    Quotas(TenantTransactions transactions, QuotaProperties defaults, ObjectMapper json) {
        this.transactions = transactions;
        this.defaults = defaults;
        this.json = json;
    }

    /** All of a tenant's. */
    public List<Used> of(UUID tenantId) {
        return transactions.in(tenantId, jdbc -> {
            TenantLimits limits = limits(jdbc, "");
            return Arrays.stream(Quota.values())
                    .map(quota -> new Used(quota.label, count(jdbc, quota), limit(quota, limits)))
                    .toList();
        });
    }

    /**
     * Sees to it that there is room for so many more. Whoever adds at the same time waits for the end of this transaction,
     * so that together they cannot pass the limit.
     *
     * @param jdbc of a transaction of the tenant's
     * @throws RejectedException 409 that says what is used and what may be
     */
    public void reserve(JdbcClient jdbc, Quota quota, long more) {
        TenantLimits limits = limits(jdbc, " for no key update");
        long used = count(jdbc, quota);
        check(quota, used, used + more, limits);
    }

    /**
     * As {@link #reserve} for documents, which have two quotas.
     *
     * @param names of documents that others of the same names replace; these make room
     */
    public void reserveDocuments(JdbcClient jdbc, List<String> names, long more, long bytes) {
        TenantLimits limits = limits(jdbc, " for no key update");
        long replaced = 0;
        long replacedBytes = 0;
        if (!names.isEmpty()) {
            String where = " where name = any(?)";
            replaced = jdbc.sql(Quota.DOCUMENTS.count + where)
                    .param(SqlArray.of("text", names))
                    .query(Long.class)
                    .single();
            replacedBytes = jdbc.sql(Quota.DOCUMENT_BYTES.count + where)
                    .param(SqlArray.of("text", names))
                    .query(Long.class)
                    .single();
        }
        long used = count(jdbc, Quota.DOCUMENTS);
        check(Quota.DOCUMENTS, used, used - replaced + more, limits);
        long usedBytes = count(jdbc, Quota.DOCUMENT_BYTES);
        check(Quota.DOCUMENT_BYTES, usedBytes, usedBytes - replacedBytes + bytes, limits);
    }

    /** As {@link #reserve} for what is replaced whole. @param limits the tenant's, whose row the caller has locked */
    public void replace(Quota quota, long before, long after, TenantLimits limits) {
        if (after > before) {
            check(quota, before, after, limits);
        }
    }

    private void check(Quota quota, long used, long after, TenantLimits limits) {
        long limit = limit(quota, limits);
        if (after > limit && after > used) {
            String message = "would be " + after + ": the tenant has " + used + " of the " + limit
                    + " that it may have. Delete some, or ask the operator to raise limits." + quota.label + ".";
            throw new RejectedException(
                    409, "The quota of " + quota.label + " " + message, List.of(new FieldError(quota.label, message)));
        }
    }

    private static long count(JdbcClient jdbc, Quota quota) {
        return jdbc.sql(quota.count).query(Long.class).optional().orElse(0L);
    }

    private TenantLimits limits(JdbcClient jdbc, String lock) {
        return jdbc.sql("select limits from tenants" + lock)
                .query(String.class)
                .optional()
                .map(this::read)
                .orElse(TenantLimits.NONE);
    }

    private TenantLimits read(String limits) {
        try {
            return json.readValue(limits, TenantLimits.class);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("A tenant's stored limits cannot be read", ours);
        }
    }

    private long limit(Quota quota, TenantLimits limits) {
        return switch (quota) {
            case DOCUMENTS -> or(limits.documents(), defaults.documents());
            case DOCUMENT_BYTES ->
                or(limits.documentBytes(), defaults.documentBytes().toBytes());
            case WEBHOOKS -> or(limits.webhooks(), defaults.webhooks());
            case API_KEYS -> or(limits.apiKeys(), defaults.apiKeys());
            case CHANNELS -> or(limits.channels(), defaults.channels());
            case TOOLS -> or(limits.tools(), defaults.tools());
            case MCP_SERVERS -> or(limits.mcpServers(), defaults.mcpServers());
        };
    }

    private static long or(Long own, long otherwise) {
        return Objects.requireNonNullElse(own, otherwise);
    }
}
