package org.caravanserai.administration;

import java.security.Principal;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.Caller;

/** Who changes something of a tenant's. */
enum By {
    /** One of the tenant's own keys. */
    TENANT,
    /** The admin key. */
    OPERATOR,
    /** The operator's file that declares the tenant, which no quota holds back. */
    FILE;

    static By of(Principal caller) {
        return caller instanceof Caller known && known.isAdmin() ? OPERATOR : TENANT;
    }

    boolean isOperator() {
        return this != TENANT;
    }

    /** @param what for example Deleting a tenant. @throws RejectedException 403 unless it is the operator */
    void mustBeOperator(String what) {
        if (!isOperator()) {
            throw new RejectedException(403, what + " is the operator's: it takes the admin key.");
        }
    }
}
