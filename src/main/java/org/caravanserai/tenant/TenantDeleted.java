package org.caravanserai.tenant;

import java.util.UUID;

/** Published after a tenant's rows are gone, for what keeps more of it than rows: indexes, stored files. */
public record TenantDeleted(UUID tenantId) {}
