package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.retrieval.Findable;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.Passage;
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
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;

/** Indexing that is begun again: after a kill, with other settings, while people search. */
@OnRetrievalSlice
class IndexAgainIT {

    private static final int LINES = 700;
    private static final TenantSettings.Retrieval RETRIEVAL = TenantSettings.NONE.retrievalOrDefault();

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
    Retriever retriever;

    UUID tenant;
    UUID document;

    @BeforeEach
    void acceptsADocumentOfManyChunks() {
        tenant = RetrievalSlice.newTenant(transactions);
        chunking("line", 40);
        String text = IntStream.range(0, LINES)
                .mapToObj(i -> "Ferry number " + i + " leaves the harbour at noon and is back in the evening.\n")
                .collect(Collectors.joining());
        document = documents
                .accept(
                        tenant,
                        List.of(new Upload(
                                "ferry.txt",
                                null,
                                () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))),
                        false,
                        null)
                .getFirst()
                .id();
    }

    @Test
    void goesOnWhereAKilledHubWas() {
        Model killed = new Model(3);
        assertThat(killed.dies(() -> index(killed))).isTrue();
        assertThat(view().status()).isEqualTo("indexing");
        assertThat(view().progress()).isGreaterThan(0);
        assertThat(found()).as("nobody finds a part of it").isEmpty();

        Model next = new Model(Integer.MAX_VALUE);
        index(next);

        int batches = 3 * properties.batchSize();
        assertThat(killed.embedded).isEqualTo(batches);
        assertThat(view().status()).isEqualTo("indexed");
        assertThat(next.embedded).isEqualTo(view().chunkCount() - batches);
        assertThat(positions())
                .isEqualTo(IntStream.range(0, view().chunkCount()).boxed().toList());
        assertThat(drafts()).isZero();
    }

    @Test
    void beginsAnewWhenTheSettingsWereChangedMeanwhile() {
        Model killed = new Model(3);
        assertThat(killed.dies(() -> index(killed))).isTrue();
        chunking("line", 80);

        Model next = new Model(Integer.MAX_VALUE);
        index(next);

        assertThat(next.embedded).isEqualTo(view().chunkCount());
        assertThat(positions())
                .isEqualTo(IntStream.range(0, view().chunkCount()).boxed().toList());
    }

    @Test
    @Timeout(180)
    void isFoundAtEveryMomentWhileItIsIndexedAgain() {
        index(new Model(Integer.MAX_VALUE));
        AtomicInteger searches = new AtomicInteger();
        AtomicInteger misses = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> searching = CompletableFuture.runAsync(
                () -> {
                    while (!done.get()) {
                        misses.addAndGet(found().size() < 10 ? 1 : 0);
                        searches.incrementAndGet();
                    }
                },
                Thread::startVirtualThread);

        for (int i = 0; searches.get() < 20; i++) {
            chunking("line", i % 2 == 0 ? 80 : 40);
            assertThat(documents.reindexAll(tenant)).isEqualTo(1);
            index(new Model(Integer.MAX_VALUE));
        }
        done.set(true);

        searching.join();
        assertThat(misses).hasValue(0);
        assertThat(view().status()).isEqualTo("indexed");
    }

    @Test
    void letsGoOfASlowFileThatIsDeletedWhileItIsRead() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        DocumentReader slow = new DocumentReader(null, properties) {
            @Override
            Optional<DocumentText> read(String name, String type, InputStream content, BooleanSupplier stopping) {
                reading.countDown();
                CountDownLatch never = new CountDownLatch(1);
                try {
                    while (!stopping.getAsBoolean()) {
                        never.await(50, TimeUnit.MILLISECONDS);
                    }
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
                return Optional.empty();
            }
        };
        CompletableFuture<Void> indexing = CompletableFuture.runAsync(
                () -> indexer(new Model(0), slow).index(new WakeUp(tenant, document).toString()),
                Thread::startVirtualThread);
        assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();

        documents.delete(tenant, document);

        assertThat(indexing).succeedsWithin(Duration.ofSeconds(5));
        assertThat(documents.get(tenant, document)).isEmpty();
    }

    private void index(Model model) {
        indexer(model, reader).index(new WakeUp(tenant, document).toString());
    }

    private IndexDocument indexer(Model model, DocumentReader from) {
        return new IndexDocument(
                rows,
                claims,
                documents,
                objects,
                from,
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

    private List<Passage> found() {
        return retriever.search(tenant, "ferry harbour evening", null, RETRIEVAL, 10);
    }

    private DocumentView view() {
        return documents.get(tenant, document).orElseThrow();
    }

    private List<Integer> positions() {
        return transactions.in(
                tenant, jdbc -> jdbc.sql("select position from chunks where not deleted order by change_no")
                        .query(Integer.class)
                        .list());
    }

    private int drafts() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from chunk_drafts")
                .query(Integer.class)
                .single());
    }

    private void chunking(String strategy, int size) {
        transactions.run(tenant, jdbc -> jdbc.sql("update tenants set settings = ?::jsonb")
                .param("{\"chunking\":{\"strategy\":\"" + strategy + "\",\"size\":" + size + ",\"overlap\":0}}")
                .update());
    }

    /** Stands for the model of a hub that is killed after so many batches. */
    private static final class Model implements EmbeddingModel {

        private final Random random = new Random(1);
        private int batchesLeft;
        private int embedded;

        /** Neither an exception nor an error, which are failures of the document: nobody catches it, as nobody does a kill. */
        private static final class Killed extends Throwable {}

        @SuppressWarnings("unchecked")
        private static <T extends Throwable> void kill() throws T {
            throw (T) new Killed();
        }

        Model(int batches) {
            this.batchesLeft = batches;
        }

        boolean dies(Runnable work) {
            try {
                work.run();
                return false;
            } catch (Throwable killed) {
                return killed instanceof Killed;
            }
        }

        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            if (batchesLeft-- == 0) {
                Model.<RuntimeException>kill();
            }
            embedded += segments.size();
            return Response.from(
                    segments.stream().map(segment -> Embedding.from(vector())).toList());
        }

        @Override
        public String modelName() {
            return "bge-small-en-v1.5";
        }

        private float[] vector() {
            float[] vector = new float[384];
            for (int i = 0; i < vector.length; i++) {
                vector[i] = random.nextFloat() - 0.5f;
            }
            return vector;
        }
    }
}
