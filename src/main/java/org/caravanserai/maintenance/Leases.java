package org.caravanserai.maintenance;

import java.util.Optional;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/** Leases on work that one hub does for all of its replicas: a row each, and the database's clock. */
@Component
class Leases {

    private final TenantTransactions transactions;
    private final Instance instance;

    Leases(TenantTransactions transactions, Instance instance) {
        this.transactions = transactions;
        this.instance = instance;
    }

    /**
     * Takes the lease or keeps it. Nobody else can take it within 10 s of this call.
     *
     * @return its fencing number, which grows with each new owner; empty while another hub owns it
     */
    Optional<Long> hold(String name) {
        return transactions.acrossTenants(jdbc -> jdbc.sql("select hub_hold_lease(?, ?)")
                .params(name, instance.id())
                .query((row, n) -> Optional.ofNullable(row.getObject(1, Long.class)))
                .single());
    }

    /** Gives the lease back, so that another hub need not wait for this one's heartbeat to grow old. */
    void release(String name) {
        transactions.acrossTenants(jdbc -> jdbc.sql("update leases set owner = null where name = ? and owner = ?")
                .params(name, instance.id())
                .update());
    }
}
