package org.caravanserai.retrieval.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** pgvector in the hub's own database, under the role that the hub works as. */
abstract class PgvectorContractIT extends VectorStoreContractIT {

    static final String IS_REAL =
            "select version from pg_available_extension_versions where name = 'vector' and version not like '%standin'"
                    + " limit 1";

    @Autowired
    TenantTransactions transactions;

    @Autowired
    VectorFeed feed;

    private FollowingStore store;

    @AfterEach
    void stop() {
        if (store != null) {
            store.close();
        }
    }

    @Test
    void hidesTheRowsOfOneTenantFromAnotherWhateverTheStatement() {
        add(tenant, axis(0));
        nearest(tenant, axis(0));
        UUID other = RetrievalSlice.newTenant(transactions);

        assertThat(rows(tenant)).isEqualTo(2);
        assertThat(rows(other)).isZero();
        int deleted = transactions.in(
                other, jdbc -> jdbc.sql("delete from chunk_vectors").update());
        assertThat(deleted).isZero();
        assertThat(nearest(tenant, axis(0))).hasSize(1);
    }

    @Test
    void goesWithItsTenantInTheSameTransaction() {
        add(tenant, axis(0));
        nearest(tenant, axis(0));

        transactions.run(tenant, jdbc -> jdbc.sql("delete from tenants where id = ?")
                .param(tenant)
                .update());

        assertThat(rows(tenant)).isZero();
    }

    @Test
    void hasAnIndexForEachDimension() {
        add(tenant, axis(0));
        nearest(tenant, axis(0));

        assertThat(transactions.<String>acrossTenants(
                        jdbc -> jdbc.sql("select indexdef from pg_indexes where indexname = 'chunk_vectors_16'")
                                .query(String.class)
                                .single()))
                .contains("USING hnsw", "vector_cosine_ops", "WHERE (dimension = 16)");
    }

    private long rows(UUID owner) {
        return transactions.in(owner, jdbc -> jdbc.sql("select count(*) from chunk_vectors")
                .query(Long.class)
                .single());
    }

    @Override
    TenantTransactions transactions() {
        return transactions;
    }

    @Override
    VectorStore store() {
        if (store == null) {
            store = new FollowingStore(new PgvectorTable(transactions), feed, model, Duration.ofSeconds(20));
        }
        return store;
    }

    @Override
    void lose() {
        transactions.run(tenant, jdbc -> jdbc.sql("delete from chunk_vectors").update());
    }
}
