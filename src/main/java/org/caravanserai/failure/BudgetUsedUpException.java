package org.caravanserai.failure;

import java.time.Duration;

/** A call that costs money is not made: the tenant's budget of the month does not allow it. */
public final class BudgetUsedUpException extends RetryableException {

    private static final String USED_UP =
            "The month's budget of the tenant is used up, and this needs a model that is paid"
                    + " for. Raise settings.model.monthlyBudgetUsd, or wait for the next month (UTC).";
    private static final String SET_ASIDE =
            "What is left of the month's budget of the tenant is set aside for calls under way. Try again in a moment.";

    private BudgetUsedUpException(String message, Duration retryAfter) {
        super(message, retryAfter, null);
    }

    /** Nothing is left until the month ends or the budget is raised. */
    public static BudgetUsedUpException untilItIsRaised() {
        return new BudgetUsedUpException(USED_UP, null);
    }

    /** What is left may be given back soon. */
    public static BudgetUsedUpException forNow(Duration retryAfter) {
        return new BudgetUsedUpException(SET_ASIDE, retryAfter);
    }
}
