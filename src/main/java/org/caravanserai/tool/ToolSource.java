package org.caravanserai.tool;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.tenant.TenantSettings;

/** Where tools come from. Adding a source is a class that implements this. */
interface ToolSource {

    /** Those of these names that are there. One that is not there, or cannot be reached, is left out. */
    Map<String, Tool> find(UUID tenantId, TenantSettings settings, Set<String> names);
}
