package org.caravanserai.retrieval;

import java.util.List;
import java.util.UUID;

/**
 * A row of {@code chunks}, as an index takes it.
 *
 * @param page null where there is no such thing
 * @param headings the outermost first
 * @param vector null in a tombstone
 */
record ChunkRow(
        UUID id,
        UUID documentId,
        String documentName,
        int position,
        String page,
        List<String> headings,
        String title,
        String text,
        float[] vector,
        String model,
        long changeNo,
        boolean deleted) {}
