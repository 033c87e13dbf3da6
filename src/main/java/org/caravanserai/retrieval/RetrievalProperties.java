package org.caravanserai.retrieval;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Search, where a tenant does not say otherwise.
 *
 * @param openIndexes how many tenants' indexes are kept open at once
 * @param minScore how sure a passage must be to be handed to the model: {@link Relevance}, not the fused score. On the demo
 *     documents the default lets 53 of 56 questions pass that they answer, and 1 of 16 unrelated ones
 */
@Validated
@ConfigurationProperties("hub.retrieval")
record RetrievalProperties(
        @DefaultValue("200")
        @Min(value = 1, message = "write a number from 1 to 10000")
        @Max(value = 10_000, message = "write a number from 1 to 10000")
        int openIndexes,

        @DefaultValue("0.57")
        @DecimalMin(value = "0", message = "write a number from 0 to 1")
        @DecimalMax(value = "1", message = "write a number from 0 to 1")
        double minScore) {}
