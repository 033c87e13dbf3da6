package org.caravanserai.model;

import org.springframework.stereotype.Component;

/** Puts what embeddings took into the tenant's account. What is nobody's, such as a try at start, is only counted. */
@Component
class BookedEmbeddings implements EmbeddingLedger {

    private static final String PURPOSE = "embedding";

    private final Ledger ledger;

    BookedEmbeddings(Ledger ledger) {
        this.ledger = ledger;
    }

    @Override
    public void record(EmbeddingSpend spend) {
        if (spend.tenantId() != null) {
            ledger.book(spend.tenantId(), PURPOSE, spend.provider(), spend.model(), spend.inputTokens());
        }
    }
}
