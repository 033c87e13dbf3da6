package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.UUID;
import org.caravanserai.tenant.Tenant;
import org.caravanserai.tenant.TenantSettings;

/** A tenant as the API shows it. @param apiKey only when it was just made */
record TenantView(
        UUID id,
        String name,
        boolean enabled,
        TenantSettings settings,
        @JsonInclude(JsonInclude.Include.NON_NULL) String apiKey) {

    static TenantView of(Tenant tenant) {
        return of(tenant.id(), tenant.name(), tenant.enabled(), tenant.settings(), null);
    }

    /** @param settings as stored; their secrets are masked */
    static TenantView of(UUID id, String name, boolean enabled, TenantSettings settings, String apiKey) {
        TenantSettings shown = ServerSecrets.masked(settings).withModel(ModelSecrets.masked(settings.model()));
        return new TenantView(id, name, enabled, shown, apiKey);
    }
}
