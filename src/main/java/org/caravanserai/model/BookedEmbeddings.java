package org.caravanserai.model;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import org.caravanserai.failure.BudgetUsedUpException;
import org.springframework.stereotype.Component;

/**
 * Puts what embeddings took into the tenant's account, whose budget is the one that chat calls are of. What is nobody's, such
 * as a try at start, is only counted.
 */
@Component
class BookedEmbeddings implements EmbeddingLedger {

    private static final String PURPOSE = "embedding";
    /** How long a call waits for what others have set aside: a question has less time than a document. */
    private static final Duration QUESTION_WAIT = Duration.ofSeconds(2);

    private static final Duration PASSAGES_WAIT = Duration.ofSeconds(10);
    private static final Duration LATER = Duration.ofMinutes(1);
    private static final long LOOK_EVERY_MILLIS = 100;

    private final Spending spending;
    private final Prices prices;

    BookedEmbeddings(Spending spending, Prices prices) {
        this.spending = spending;
        this.prices = prices;
    }

    @Override
    public Spending.Hold reserve(EmbeddingSpend most, Double monthlyBudgetUsd, EmbeddingProvider.Kind kind) {
        BigDecimal cost = cost(most).orElse(BigDecimal.ZERO);
        if (most.tenantId() == null || monthlyBudgetUsd == null || cost.signum() == 0) {
            return Spending.Hold.NONE;
        }
        BigDecimal budget = BigDecimal.valueOf(monthlyBudgetUsd);
        long deadline =
                System.nanoTime() + (kind == EmbeddingProvider.Kind.QUESTION ? QUESTION_WAIT : PASSAGES_WAIT).toNanos();
        Spending.Hold hold = spending.reserve(most.tenantId(), budget, cost);
        while (hold.grant() == Spending.Grant.LATER && System.nanoTime() < deadline) {
            AskModel.await(LOOK_EVERY_MILLIS);
            hold = spending.reserve(most.tenantId(), budget, cost);
        }
        return switch (hold.grant()) {
            case GIVEN -> hold;
            case LATER -> throw BudgetUsedUpException.forNow(LATER);
            case REFUSED -> throw BudgetUsedUpException.untilItIsRaised();
        };
    }

    @Override
    public void settle(EmbeddingSpend spend, Spending.Hold hold) {
        if (spend.tenantId() != null) {
            spending.settle(spend.tenantId(), hold, spend.inputTokens() == 0 ? null : entry(spend));
        }
    }

    private Ledger.Entry entry(EmbeddingSpend spend) {
        return new Ledger.Entry(
                PURPOSE,
                spend.provider(),
                spend.model(),
                null,
                null,
                null,
                spend.inputTokens(),
                0,
                cost(spend).orElse(null));
    }

    /** Nothing if the model's price is not known. */
    private Optional<BigDecimal> cost(EmbeddingSpend spend) {
        return spend.provider().equals(EmbeddingProperties.OLLAMA)
                ? Optional.of(BigDecimal.ZERO)
                : prices.of(spend.provider(), spend.model()).map(price -> price.of(spend.inputTokens(), 0));
    }
}
