package org.caravanserai.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.util.List;
import org.caravanserai.retrieval.Citation;

/**
 * What the model answered. @param outcome answered, no_answer (nothing in the documents) fallback (no model could be
 * asked) or budget (none may be, since the month's budget is used up)
 */
public record Answer(String text, List<Citation> citations, Usage usage, String outcome) {

    /**
     * What the answer took.
     *
     * @param costUsd zero for models that run here; null if the model's price is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Usage(String provider, String model, int inputTokens, int outputTokens, BigDecimal costUsd) {

        /** Both together, by the provider and model of the later. The cost is unknown if one of them is. */
        Usage plus(Usage later) {
            return new Usage(
                    later.provider,
                    later.model,
                    inputTokens + later.inputTokens,
                    outputTokens + later.outputTokens,
                    costUsd == null || later.costUsd == null ? null : costUsd.add(later.costUsd));
        }
    }
}
