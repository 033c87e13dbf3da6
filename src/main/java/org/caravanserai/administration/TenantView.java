package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.UUID;
import org.caravanserai.tenant.Tenant;
import org.caravanserai.tenant.TenantLimits;
import org.caravanserai.tenant.TenantSettings;

/**
 * A tenant as the API shows it.
 *
 * @param settings what is in force: what was set, within the limits
 * @param limits the operator's, where there are any
 * @param apiKey only when it was just made
 */
record TenantView(
        UUID id,
        String name,
        boolean enabled,
        TenantSettings settings,
        @JsonInclude(JsonInclude.Include.NON_NULL) TenantLimits limits,
        @JsonInclude(JsonInclude.Include.NON_NULL) String apiKey) {

    static TenantView of(Tenant tenant) {
        return of(tenant, null);
    }

    /** @param tenant its settings as stored: their secrets are masked */
    static TenantView of(Tenant tenant, String apiKey) {
        TenantSettings settings = tenant.settings();
        TenantSettings shown = ServerSecrets.masked(settings).withModel(ModelSecrets.masked(settings.model()));
        return new TenantView(
                tenant.id(),
                tenant.name(),
                tenant.enabled(),
                shown,
                tenant.limits().orNull(),
                apiKey);
    }
}
