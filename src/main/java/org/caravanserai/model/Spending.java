package org.caravanserai.model;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.UUID;

/** Keeps account of what calls of models cost. */
interface Spending {

    /** Whether money could be set aside for a call. */
    enum Grant {
        GIVEN,
        /** All that is left is set aside for calls under way; some of it will come back. */
        LATER,
        /** The month's budget is used up. */
        REFUSED
    }

    /** What was set aside. @param month the first day of the month whose budget it is of; null if nothing was */
    record Hold(Grant grant, LocalDate month, BigDecimal usd) {

        static final Hold NONE = new Hold(Grant.GIVEN, null, BigDecimal.ZERO);
    }

    /**
     * Sets the most that a call may cost aside. When the budget is used up, the tenant's systems are told, once a month.
     *
     * @param budget the tenant's for a month
     */
    Hold reserve(UUID tenantId, BigDecimal budget, BigDecimal most);

    /**
     * Ends a call: what was set aside is given back, what it took is booked. Never fails: what cannot be booked is logged.
     *
     * @param hold {@link Hold#NONE} if nothing was set aside
     * @param entry null if the call took nothing
     */
    void settle(UUID tenantId, Hold hold, Ledger.Entry entry);
}
