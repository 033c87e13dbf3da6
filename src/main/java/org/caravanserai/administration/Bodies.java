package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.tenant.TenantLimits;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.lang.Nullable;
import org.springframework.web.multipart.MultipartFile;

/**
 * The bodies of the API's requests, for its document only: {@link Fields} reads and checks them. What may be null may be
 * left out. A test compares both.
 */
final class Bodies {

    private static final String AS_READ = "May be sent back as it was read, but not changed.";

    private static final String LIMITS =
            "The operator's bounds. With the admin key: left out they stay, but what settings.model.monthlyBudgetUsd and"
                    + " settings.rateLimits say is then the bound. A tenant's key may send them as they are.";

    private Bodies() {}

    record NewTenant(
            String name,
            @Nullable TenantSettings settings,
            @Nullable @Schema(description = LIMITS) TenantLimits limits) {}

    record ChangedTenant(
            @Nullable @Schema(description = AS_READ) UUID id,
            String name,

            @Nullable @Schema(description = "The operator's: a tenant's key may send it as it is.")
            Boolean enabled,

            @Nullable TenantSettings settings,
            @Nullable @Schema(description = LIMITS) TenantLimits limits) {}

    record NewApiKey(
            String name,

            @Nullable
            @Schema(
                    description =
                            "With a tenant's key at most hub.quotas.key-lifetime from now, which is what it is when left out.")
            Instant expiresAt) {}

    record NewChannel(String type, String name, @Nullable Boolean enabled, Map<String, Object> config) {}

    record ChangedChannel(
            @Nullable @Schema(description = AS_READ) UUID id,
            @Nullable @Schema(description = AS_READ) String type,
            String name,
            @Nullable Boolean enabled,
            Map<String, Object> config,
            @Nullable @Schema(description = AS_READ) String webhookUrl,

            @Nullable @Schema(types = "object", description = "Of no effect: it is as the hub finds.")
            JsonNode claim) {}

    record NewDocuments(
            List<MultipartFile> file,
            @Nullable @Schema(types = "object") JsonNode metadata) {}

    record Sought(
            String query,

            @Nullable @Schema(minimum = "1", maximum = "100")
            Integer topK) {}

    record Asked(String text) {}

    record ConversationStatus(
            @Schema(allowableValues = {"active", "assigned_human", "resolved"})
            String status) {}

    record NewMessage(String text) {}

    record NewWebhook(
            @Schema(format = "uri") String url,
            List<String> events,
            @Nullable String description,
            @Nullable Boolean enabled,
            @Nullable Boolean ordered) {}

    record ChangedWebhook(
            @Nullable @Schema(description = AS_READ) UUID id,
            @Schema(format = "uri") String url,
            List<String> events,
            @Nullable String description,
            @Nullable Boolean enabled,
            @Nullable Boolean ordered,
            @Nullable @Schema(description = AS_READ) String secret,
            @Nullable @Schema(description = AS_READ) String disabledReason) {}

    record ReplayRange(
            Instant from,
            Instant to,

            @Nullable @Schema(allowableValues = {"delivered", "failed"})
            String status) {}

    record ReplayLetters(
            @Nullable String routeId,
            @Nullable UUID tenantId,
            @Nullable Instant from,
            @Nullable Instant to) {}
}
