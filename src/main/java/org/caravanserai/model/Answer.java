package org.caravanserai.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.util.List;
import org.caravanserai.retrieval.Citation;

/**
 * What the model answered. @param outcome answered, no_answer (nothing in the documents) or fallback (no model could be
 * asked)
 */
public record Answer(String text, List<Citation> citations, Usage usage, String outcome) {

    /** What the answer took. @param costUsd zero for models that run here */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Usage(String provider, String model, int inputTokens, int outputTokens, BigDecimal costUsd) {}
}
