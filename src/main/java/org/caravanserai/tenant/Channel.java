package org.caravanserai.tenant;

import java.util.Map;
import java.util.UUID;

/**
 * A way in and out for a tenant's contacts.
 *
 * @param type names the doors and the sender, for example whatsapp
 * @param tenantEnabled whether its tenant is enabled
 * @param config the type's own fields, secrets readable
 */
public record Channel(
        UUID id,
        UUID tenantId,
        String type,
        String name,
        boolean enabled,
        boolean tenantEnabled,
        Map<String, Object> config) {

    /** Without the config, which holds secrets. */
    @Override
    public String toString() {
        return "Channel[id=" + id + ", tenantId=" + tenantId + ", type=" + type + "]";
    }
}
