package org.caravanserai.tenant;

import java.util.UUID;

/** A customer of the operator, whose data no other sees. */
public record Tenant(UUID id, String name, boolean enabled, TenantSettings settings) {}
