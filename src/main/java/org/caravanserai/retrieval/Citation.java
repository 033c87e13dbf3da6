package org.caravanserai.retrieval;

import java.util.UUID;

/** A source that an answer names. @param index the number that stands in the answer's text, from 1 */
public record Citation(
        int index, UUID chunkId, UUID documentId, String documentName, int position, String text, double score) {}
