package org.caravanserai.retrieval;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import java.util.List;
import java.util.UUID;
import org.caravanserai.tenant.TenantSettings;

/**
 * A text to be embedded that says whose it is: its cost and its kept vector are that tenant's, the tenant's budget bounds
 * what may be paid for it, and what the tenant wants hidden is not shown to an embedding provider outside.
 */
public final class TenantText {

    private static final String TENANT = "hubTenantId";
    private static final String BUDGET = "hubMonthlyBudgetUsd";
    private static final String MASK = "hubMask";

    private TenantText() {}

    /** The text as the embedding model takes it. */
    public static TextSegment of(UUID tenantId, TenantSettings settings, String text) {
        Metadata whose = new Metadata().put(TENANT, tenantId);
        Double budget = settings.monthlyBudgetUsd();
        if (budget != null) {
            whose.put(BUDGET, budget);
        }
        if (settings.pii() != null && settings.pii().mask() != null) {
            whose.put(MASK, String.join(",", settings.pii().mask()));
        }
        return TextSegment.from(text, whose);
    }

    /** Null where nobody said whose it is. */
    public static UUID tenant(TextSegment text) {
        return text.metadata().getUUID(TENANT);
    }

    /** What paid calls of a month may cost together, in US dollars; null if that is not bounded. */
    public static Double monthlyBudgetUsd(TextSegment text) {
        return text.metadata().getDouble(BUDGET);
    }

    /** The kinds of personal data to be hidden, as {@code settings.pii.mask} names them. */
    public static List<String> mask(TextSegment text) {
        String names = text.metadata().getString(MASK);
        return names == null || names.isEmpty() ? List.of() : List.of(names.split(","));
    }
}
