package org.caravanserai.retrieval;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import java.util.UUID;

/** A text to be embedded that says whose it is, so that its cost and its kept vector are that tenant's. */
public final class TenantText {

    private static final String TENANT = "hubTenantId";

    private TenantText() {}

    /** The text as the embedding model takes it. */
    public static TextSegment of(UUID tenantId, String text) {
        return TextSegment.from(text, new Metadata().put(TENANT, tenantId));
    }

    /** Null where nobody said whose it is. */
    public static UUID tenant(TextSegment text) {
        return text.metadata().getUUID(TENANT);
    }
}
