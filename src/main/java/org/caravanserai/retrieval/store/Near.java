package org.caravanserai.retrieval.store;

import java.util.UUID;

/** A chunk near to a question. @param cosine -1 to 1 */
public record Near(UUID chunkId, double cosine) {}
