package org.caravanserai.model;

import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Deletes prompts, and what tools did for the same messages, that have been kept for their time. */
@Component("forgetPrompts")
public class ForgetPrompts {

    private static final Logger LOG = LoggerFactory.getLogger(ForgetPrompts.class);
    private static final int BATCH = 1_000;

    private final TenantTransactions transactions;
    private final PromptProperties properties;

    ForgetPrompts(TenantTransactions transactions, PromptProperties properties) {
        this.transactions = transactions;
        this.properties = properties;
    }

    /** In short transactions, until none is left or the hub stops. @return how many were deleted */
    public long run() {
        long all = 0;
        long deleted;
        do {
            deleted = transactions.acrossTenants(
                    jdbc -> jdbc.sql("select hub_delete_old_prompts(make_interval(days => ?), ?)")
                            .params((int) properties.keepFor().toDays(), BATCH)
                            .query(Long.class)
                            .single());
            all += deleted;
        } while (deleted >= BATCH && !Thread.currentThread().isInterrupted());
        if (all > 0) {
            LOG.info("{} old prompts and results of tools are deleted", all);
        }
        return all;
    }
}
