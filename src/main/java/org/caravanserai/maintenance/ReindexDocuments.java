package org.caravanserai.maintenance;

import java.util.List;
import java.util.UUID;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Has all documents of all tenants indexed anew. They are found as they were until each is done. */
@Component("reindexDocuments")
public class ReindexDocuments {

    private static final Logger LOG = LoggerFactory.getLogger(ReindexDocuments.class);
    private static final int PAGE = 500;

    private final TenantTransactions transactions;
    private final DocumentStore documents;

    ReindexDocuments(TenantTransactions transactions, DocumentStore documents) {
        this.transactions = transactions;
        this.documents = documents;
    }

    /** @return how many documents are due now */
    public long run() {
        long count = 0;
        List<UUID> page = List.of();
        do {
            page = tenants(page.isEmpty() ? null : page.getLast());
            for (UUID tenant : page) {
                count += documents.reindexAll(tenant);
            }
        } while (page.size() == PAGE);
        LOG.info("{} documents are indexed again", count);
        return count;
    }

    private List<UUID> tenants(UUID before) {
        return transactions.acrossTenants(jdbc -> jdbc.sql("select tenant_id from hub_list_tenants(?, ?)")
                .params(before, PAGE)
                .query(UUID.class)
                .list());
    }
}
