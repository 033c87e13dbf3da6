package org.caravanserai.tool;

import java.util.Map;
import java.util.UUID;
import org.caravanserai.tenant.TenantSettings;

/**
 * For whom a tool is called.
 *
 * @param conversationId null where a question has no conversation
 * @param key the same whenever the same call is made again for the same message, for systems that know it by then
 * @param properties what a tool's route finds in its exchange beside {@code HubTenantId}, {@code HubConversationId} and
 *     {@code HubToolKey}
 */
public record ToolContext(
        UUID tenantId, TenantSettings settings, UUID conversationId, String key, Map<String, Object> properties) {}
