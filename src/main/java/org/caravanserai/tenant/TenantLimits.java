package org.caravanserai.tenant;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;

/**
 * The operator's bounds of a tenant. What is null is not bounded, or by the hub's own default ({@code hub.quotas}). A tenant
 * may set less for itself, never more.
 *
 * @param monthlyBudgetUsd what {@code settings.model.monthlyBudgetUsd} may be at most
 * @param maxOutputTokens what {@code settings.model.maxOutputTokens} may be at most
 * @param retentionDays what {@code settings.retentionDays} may be at most
 * @param rateLimits what each field of {@code settings.rateLimits} may be at most
 * @param documents how many it may have
 * @param documentBytes what they may have together
 * @param webhooks how many it may have
 * @param apiKeys how many it may have, expired ones among them
 * @param channels how many it may have
 * @param tools how many {@code settings.tools.http} may name
 * @param mcpServers how many {@code settings.mcpServers} may name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantLimits(
        Double monthlyBudgetUsd,
        Integer maxOutputTokens,
        Integer retentionDays,

        @Schema(description = "What each field of settings.rateLimits may be at most.")
        Map<String, Object> rateLimits,

        Long documents,
        Long documentBytes,
        Long webhooks,
        Long apiKeys,
        Long channels,
        Long tools,
        Long mcpServers) {

    public static final TenantLimits NONE =
            new TenantLimits(null, null, null, null, null, null, null, null, null, null, null);

    /** The same with another budget and other rate limits. */
    public TenantLimits with(Double budget, Map<String, Object> rates) {
        return new TenantLimits(
                budget,
                maxOutputTokens,
                retentionDays,
                rates,
                documents,
                documentBytes,
                webhooks,
                apiKeys,
                channels,
                tools,
                mcpServers);
    }

    /** Null where nothing is bounded, so that it is not shown. */
    @JsonIgnore
    public TenantLimits orNull() {
        return equals(NONE) ? null : this;
    }
}
