package org.caravanserai.model;

import java.util.ArrayList;
import java.util.List;

/** Stops nothing, and notes what was told. */
final class FreeEmbeddings implements EmbeddingLedger {

    private final List<EmbeddingSpend> told = new ArrayList<>();

    List<EmbeddingSpend> told() {
        return told;
    }

    @Override
    public Spending.Hold reserve(EmbeddingSpend most, Double monthlyBudgetUsd, EmbeddingProvider.Kind kind) {
        return Spending.Hold.NONE;
    }

    @Override
    public void settle(EmbeddingSpend spend, Spending.Hold hold) {
        told.add(spend);
    }
}
