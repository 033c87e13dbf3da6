package org.caravanserai.model;

import java.math.BigDecimal;
import java.util.UUID;

/**
 * What a call of an embedding provider outside cost.
 *
 * @param tenantId whose texts they were; null if that is not known
 * @param texts how many vectors were made
 * @param costUsd in US dollars by the configured price; zero without one
 */
public record EmbeddingSpend(
        UUID tenantId, String provider, String model, int texts, long inputTokens, BigDecimal costUsd) {}
