package org.caravanserai.tenant;
import java.util.*;
public record Channel(UUID id, UUID tenantId, String type, String name, boolean enabled, boolean tenantEnabled, Map<String, Object> config) {}
