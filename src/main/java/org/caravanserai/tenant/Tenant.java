package org.caravanserai.tenant;

import java.util.UUID;

/**
 * A customer of the operator, whose data no other sees.
 *
 * @param settings what is in force: its own, within the operator's limits
 * @param limits the operator's
 */
public record Tenant(UUID id, String name, boolean enabled, TenantSettings settings, TenantLimits limits) {}
