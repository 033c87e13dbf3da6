package org.caravanserai.retrieval.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.IndexDocument;
import org.caravanserai.document.Upload;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A start with another embedding model than the documents were indexed with. */
@OnRetrievalSlice
class ReindexOtherModelsIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    IndexDocument indexer;

    @Autowired
    Retriever retriever;

    @Autowired
    ReindexOtherModels models;

    UUID tenant;
    UUID document;

    @BeforeEach
    void indexesADocument() {
        models.run(); // what other tests left
        tenant = RetrievalSlice.newTenant(transactions);
        Upload upload = new Upload(
                "ferry.md",
                null,
                () -> new ByteArrayInputStream("The ferry leaves at noon.".getBytes(StandardCharsets.UTF_8)));
        document = documents
                .accept(tenant, List.of(upload), false, null)
                .getFirst()
                .id();
        indexer.index(new WakeUp(tenant, document).toString());
    }

    @Test
    void leavesDocumentsOfTheSameModelAlone() {
        assertThat(models.run()).isZero();
        assertThat(status()).isEqualTo("indexed");
    }

    @Test
    void indexesDocumentsOfAnotherModelAgain() {
        rewrite("model = 'an-earlier-model'");

        assertThat(models.run()).isEqualTo(1);
        assertThat(models.run()).as("due already").isZero();
        assertThat(status()).isEqualTo("pending");
        assertThat(find().getFirst().vectorScore()).as("by its words alone").isNull();

        indexer.index(new WakeUp(tenant, document).toString());
        assertThat(status()).isEqualTo("indexed");
        assertThat(find().getFirst().vectorScore()).isPositive();
        assertThat(models.run()).isZero();
    }

    @Test
    void indexesDocumentsOfAnotherDimensionAgain() {
        rewrite("vector = substring(vector for 400)");
        assertThat(find()).as("not a crash").hasSize(1);

        assertThat(models.run()).isEqualTo(1);

        indexer.index(new WakeUp(tenant, document).toString());
        List<Integer> dimensions =
                transactions.in(tenant, jdbc -> jdbc.sql("select dimension from chunks where not deleted")
                        .query(Integer.class)
                        .list());
        assertThat(dimensions).containsOnly(384);
        assertThat(find().getFirst().vectorScore()).isPositive();
    }

    private void rewrite(String change) {
        transactions.run(tenant, jdbc -> {
            long next = jdbc.sql("update chunk_clocks set change_no = change_no + 1 returning change_no")
                    .query(Long.class)
                    .single();
            jdbc.sql("update chunks set change_no = ?, " + change).param(next).update();
        });
    }

    private String status() {
        return documents.get(tenant, document).orElseThrow().status();
    }

    private List<Passage> find() {
        return retriever.search(tenant, "ferry noon", TenantSettings.NONE.retrievalOrDefault(), 10);
    }
}
