package org.caravanserai.maintenance;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Clears away what this hub keeps on its own disk of tenants that were deleted, whichever replica deleted them: search
 * index and documents. Only what the database names as deleted is touched.
 */
@Component("forgetDeletedTenants")
public class ForgetDeletedTenants {

    private static final Logger LOG = LoggerFactory.getLogger(ForgetDeletedTenants.class);
    private static final int PAGE = 1000;

    private final TenantTransactions transactions;
    private final Retriever retriever;
    private final DocumentStore documents;

    /** Those of the last hour that are cleared away; one run at a time touches it. */
    private final Set<UUID> done = new HashSet<>();

    private boolean looked;

    ForgetDeletedTenants(TenantTransactions transactions, Retriever retriever, DocumentStore documents) {
        this.transactions = transactions;
        this.retriever = retriever;
        this.documents = documents;
    }

    /** Those that were deleted lately; the first time, also those that were deleted while this hub was not running. */
    public synchronized void run() {
        if (!looked) {
            Set<UUID> kept = new HashSet<>(retriever.tenantsOnDisk());
            kept.addAll(documents.tenantsOnDisk());
            List<UUID> all = new ArrayList<>(kept);
            for (int from = 0; from < all.size(); from += PAGE) {
                deleted(SqlArray.of("uuid", all.subList(from, Math.min(from + PAGE, all.size()))))
                        .forEach(this::forget);
            }
            looked = true;
        }
        List<UUID> lately = deleted(null);
        done.retainAll(lately);
        lately.stream().filter(done::add).forEach(this::forget);
    }

    private List<UUID> deleted(SqlArray among) {
        return transactions.acrossTenants(jdbc -> jdbc.sql("select tenant_id from hub_deleted_tenants(:among)")
                .param("among", among)
                .query(UUID.class)
                .list());
    }

    private void forget(UUID tenantId) {
        LOG.info("Tenant {} was deleted; its search index and documents are removed here too", tenantId);
        retriever.forgetTenant(tenantId);
        documents.forgetTenant(tenantId);
    }
}
