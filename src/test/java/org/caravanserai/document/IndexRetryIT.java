package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.caravanserai.failure.BudgetUsedUpException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.retrieval.Findable;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.ComputePools;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;

/** Indexing that fails half-way, loses its lease, or is asked for twice at once. */
@OnRetrievalSlice
class IndexRetryIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    DocumentRows rows;

    @Autowired
    ObjectStore objects;

    @Autowired
    DocumentReader reader;

    @Autowired
    Chunker chunker;

    @Autowired
    Wake wake;

    @Autowired
    Findable findable;

    @Autowired
    ClaimDocument claims;

    @Autowired
    InFlight inFlight;

    @Autowired
    Suspects suspects;

    @Autowired
    WakeLater wakeLater;

    @Autowired
    DocumentProperties properties;

    @Autowired
    ObjectProvider<CamelContext> camel;

    @Autowired
    IndexDocument working;

    @Autowired
    Retriever retriever;

    UUID tenant;
    UUID document;

    @BeforeEach
    void acceptsADocument() {
        tenant = RetrievalSlice.newTenant(transactions);
        Upload upload = new Upload(
                "ferry.md",
                null,
                () -> new ByteArrayInputStream("The ferry leaves at noon.".getBytes(StandardCharsets.UTF_8)));
        document = documents
                .accept(tenant, List.of(upload), false, null)
                .getFirst()
                .id();
    }

    @Test
    void takesTenantsByTurnsWhoseeverTheWakeUpsAre() {
        UUID busy = RetrievalSlice.newTenant(transactions);
        for (int i = 0; i < 6; i++) {
            Upload mill = new Upload(
                    "mill.md",
                    null,
                    () -> new ByteArrayInputStream("The mill grinds rye.".getBytes(StandardCharsets.UTF_8)));
            documents.accept(busy, List.of(mill), false, null);
        }
        String wakeUp =
                new WakeUp(busy, documents.list(busy, null, 1).getFirst().id()).toString();

        // other tests left documents of other tenants
        for (int i = 0; i < 300 && !view().status().equals("indexed"); i++) {
            working.indexInTurn(wakeUp);
        }

        assertThat(view().status()).isEqualTo("indexed");
        assertThat(documents.list(busy, null, 10).stream()
                        .filter(one -> one.status().equals("indexed")))
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void triesAgainLaterAfterAPassingFailure() {
        index(() -> {
            throw new IllegalStateException("the model is away");
        });

        assertThat(view().status()).isEqualTo("pending");
        assertThat(dueInFuture()).isTrue();
        working.index(new WakeUp(tenant, document).toString());
        assertThat(view().status()).as("not before it is due").isEqualTo("pending");

        makeDue();
        working.index(new WakeUp(tenant, document).toString());
        assertThat(view().status()).isEqualTo("indexed");
    }

    @Test
    void waitsAsLongAsAskedToThoughNoLongerThanAnHour() {
        index(() -> {
            throw new RetryableException("the model wants to be left alone", Duration.ofMinutes(10), null);
        });
        double tenMinutes = secondsUntilDue();
        makeDue();
        index(() -> {
            throw new RetryableException("the model wants to be left alone", Duration.ofDays(30), null);
        });

        assertThat(tenMinutes).isBetween(590.0, 610.0);
        assertThat(secondsUntilDue()).isBetween(3_590.0, 3_620.0);
    }

    @Test
    void givesUpAfterTheLastAttempt() {
        for (int i = 0; i < properties.maxAttempts(); i++) {
            makeDue();
            index(() -> {
                throw new IllegalStateException("the model is away");
            });
        }

        assertThat(view().status()).isEqualTo("failed");
        assertThat(view().error()).contains("Ask for it to be indexed again");
    }

    @Test
    void waitsForTheBudgetAndCountsNoAttempt() {
        for (int i = 0; i < properties.maxAttempts() + 2; i++) {
            makeDue();
            index(() -> {
                throw BudgetUsedUpException.untilItIsRaised();
            });
        }

        assertThat(view().status()).isEqualTo("pending");
        assertThat(view().error()).contains("budget");
        assertThat(secondsUntilDue()).isBetween(0.0, 86_400.0 + 600);

        makeDue();
        working.index(new WakeUp(tenant, document).toString());
        assertThat(view().status()).isEqualTo("indexed");
        assertThat(view().error()).isNull();
    }

    @Test
    void waitsAShortTimeForMoneyThatIsOnlySetAside() {
        index(() -> {
            throw BudgetUsedUpException.forNow(Duration.ofMinutes(1));
        });

        assertThat(secondsUntilDue()).isBetween(50.0, 75.0);
    }

    @Test
    void isDueAgainWhenTheBudgetIsChangedAndByNothingElse() {
        index(() -> {
            throw BudgetUsedUpException.untilItIsRaised();
        });
        assertThat(dueInFuture()).isTrue();

        settings("{\"language\": \"de\", \"model\": {\"provider\": \"extractive\"}}");
        assertThat(dueInFuture()).isTrue();

        settings("{\"model\": {\"monthlyBudgetUsd\": 5}}");
        assertThat(dueInFuture()).isFalse();
    }

    @Test
    void isDueAgainWhenAllAreToBeIndexedAgain() {
        index(() -> {
            throw BudgetUsedUpException.untilItIsRaised();
        });

        assertThat(documents.reindexAll(tenant)).isEqualTo(1);

        assertThat(dueInFuture()).isFalse();
    }

    @Test
    void doesNotMissABudgetThatIsChangedWhileItIsRefused() {
        index(() -> {
            settings("{\"model\": {\"monthlyBudgetUsd\": 5}}");
            throw BudgetUsedUpException.untilItIsRaised();
        });

        assertThat(view().status()).isEqualTo("pending");
        assertThat(dueInFuture()).isFalse();
    }

    @Test
    void writesNothingWhenTheDocumentWasDeletedMeanwhile() {
        index(() -> documents.delete(tenant, document));

        assertThat(documents.get(tenant, document)).isEmpty();
        assertThat(retriever.search(tenant, "ferry", TenantSettings.NONE.retrievalOrDefault(), 10))
                .isEmpty();
    }

    @Test
    void leavesTheDocumentDueWhenItWasAskedForAgainMeanwhile() {
        index(() -> documents.reindex(tenant, document));
        assertThat(view().status()).isEqualTo("pending");

        working.index(new WakeUp(tenant, document).toString());
        assertThat(view().status()).isEqualTo("indexed");
        assertThat(retriever.search(tenant, "ferry", TenantSettings.NONE.retrievalOrDefault(), 10))
                .hasSize(1);
    }

    @Test
    void doesNotWorkOnADocumentTwiceAtOnce() {
        int[] calls = {0};
        IndexDocument[] self = new IndexDocument[1];
        self[0] = indexer(() -> {
            calls[0]++;
            self[0].index(new WakeUp(tenant, document).toString());
        });

        self[0].index(new WakeUp(tenant, document).toString());

        assertThat(calls[0]).isEqualTo(1);
        assertThat(view().status()).isEqualTo("indexed");
    }

    private void index(Runnable beforeEmbedding) {
        indexer(beforeEmbedding).index(new WakeUp(tenant, document).toString());
    }

    private IndexDocument indexer(Runnable beforeEmbedding) {
        EmbeddingModel model = new EmbeddingModel() {
            @Override
            public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
                beforeEmbedding.run();
                return Response.from(
                        segments.stream().map(s -> Embedding.from(unit())).toList());
            }

            @Override
            public String modelName() {
                return "bge-small-en-v1.5";
            }
        };
        return new IndexDocument(
                rows,
                claims,
                documents,
                objects,
                reader,
                chunker,
                model,
                wake,
                findable,
                properties,
                ComputePools.small(),
                camel,
                inFlight,
                suspects,
                wakeLater);
    }

    private static float[] unit() {
        float[] vector = new float[384];
        vector[0] = 1;
        return vector;
    }

    private DocumentView view() {
        return documents.get(tenant, document).orElseThrow();
    }

    private boolean dueInFuture() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select due_at > now() from documents where id = ?")
                .param(document)
                .query(Boolean.class)
                .single());
    }

    private double secondsUntilDue() {
        return transactions.in(tenant, jdbc -> jdbc.sql(
                        "select extract(epoch from least(due_at, next_wake_at) - now()) from documents where id = ?")
                .param(document)
                .query(Double.class)
                .single());
    }

    private void settings(String settings) {
        transactions.run(tenant, jdbc -> jdbc.sql("update tenants set settings = ?::jsonb where id = ?")
                .params(settings, tenant)
                .update());
    }

    private void makeDue() {
        transactions.run(tenant, jdbc -> jdbc.sql("update documents set due_at = now() where id = ?")
                .param(document)
                .update());
    }
}
