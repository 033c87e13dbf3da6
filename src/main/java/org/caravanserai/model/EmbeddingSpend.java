package org.caravanserai.model;

import java.util.UUID;

/**
 * What a call of an embedding provider outside took.
 *
 * @param tenantId whose texts they were; null if that is not known
 * @param model as the provider names it
 * @param texts how many vectors were made
 */
record EmbeddingSpend(UUID tenantId, String provider, String model, int texts, int inputTokens) {}
