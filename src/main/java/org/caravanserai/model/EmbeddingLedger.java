package org.caravanserai.model;

/** Keeps what embeddings cost. All beans of this type are told of each call that was paid for, outside any transaction. */
@FunctionalInterface
public interface EmbeddingLedger {

    /** Must not fail for long: the vectors are made already, and an exception would have them made again. */
    void record(EmbeddingSpend spend);
}
