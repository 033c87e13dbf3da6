package org.caravanserai.retrieval.store;

import static org.assertj.core.api.Assumptions.assumeThat;

import org.caravanserai.retrieval.OnRetrievalSlice;
import org.junit.jupiter.api.BeforeEach;

/** The real pgvector, where the PostgreSQL of HUB_IT_POSTGRES_URL has it. */
@OnRetrievalSlice
class PgvectorVectorStoreIT extends PgvectorContractIT {

    @BeforeEach
    void needsTheExtension() {
        assumeThat(transactions.<java.util.Optional<String>>acrossTenants(
                        jdbc -> jdbc.sql(IS_REAL).query(String.class).optional()))
                .as("this PostgreSQL has no pgvector; name one that has it in HUB_IT_POSTGRES_URL")
                .isPresent();
    }
}
