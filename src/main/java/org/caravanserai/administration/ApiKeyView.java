package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.UUID;
import org.springframework.lang.Nullable;

/** An API key as the API shows it. @param key only when it was just made */
record ApiKeyView(
        UUID id,
        String name,
        String prefix,
        @JsonInclude(JsonInclude.Include.NON_NULL) String key,
        Instant createdAt,
        @Nullable Instant lastUsedAt,
        @Nullable Instant expiresAt) {}
