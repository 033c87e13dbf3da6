package org.caravanserai.retrieval;

import java.util.UUID;

/** A row of {@code chunks}, as an index takes it. @param vector null in a tombstone */
record ChunkRow(
        UUID id,
        UUID documentId,
        String documentName,
        int position,
        String title,
        String text,
        float[] vector,
        String model,
        long changeNo,
        boolean deleted) {}
