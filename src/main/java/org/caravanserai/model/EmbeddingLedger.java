package org.caravanserai.model;

import org.caravanserai.failure.BudgetUsedUpException;

/** Keeps what embeddings cost, and stops what a tenant's budget does not allow. */
interface EmbeddingLedger {

    /**
     * Sets aside what a call may cost, in a transaction of its own.
     *
     * @param most what it takes at most
     * @param monthlyBudgetUsd the tenant's; null if it has none
     * @throws BudgetUsedUpException if the budget does not allow the call
     */
    Spending.Hold reserve(EmbeddingSpend most, Double monthlyBudgetUsd, EmbeddingProvider.Kind kind);

    /**
     * Ends a call. Never fails: the vectors are made already, and an exception would have them made again.
     *
     * @param spend what it took; of no tokens if it failed
     */
    void settle(EmbeddingSpend spend, Spending.Hold hold);
}
