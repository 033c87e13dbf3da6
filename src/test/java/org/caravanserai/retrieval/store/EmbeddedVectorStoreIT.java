package org.caravanserai.retrieval.store;

import org.caravanserai.HubProperties;
import org.caravanserai.retrieval.EmbeddedStores;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.AfterEach;
import org.springframework.beans.factory.annotation.Autowired;

/** Lucene on the hub's own disk. */
@OnRetrievalSlice
class EmbeddedVectorStoreIT extends VectorStoreContractIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    HubProperties hub;

    private EmbeddedStores stores;

    @AfterEach
    void stop() {
        if (stores != null) {
            stores.close();
        }
    }

    @Override
    TenantTransactions transactions() {
        return transactions;
    }

    @Override
    VectorStore store() {
        if (stores == null) {
            stores = new EmbeddedStores(hub, transactions);
        }
        return stores.of(model);
    }

    @Override
    void lose() {
        store();
        stores.lose();
    }
}
