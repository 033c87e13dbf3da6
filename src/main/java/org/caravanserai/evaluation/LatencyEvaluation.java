package org.caravanserai.evaluation;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.caravanserai.Ids;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures hybrid search over made-up chunks at a fixed rate, the question's embedding included. A search is timed from
 * when it was due, not from when it began, so that a stall counts for all who wait behind it.
 */
class LatencyEvaluation {

    private static final Logger LOG = LoggerFactory.getLogger(LatencyEvaluation.class);
    private static final int TOP = 5;
    private static final int QUESTION_WORDS = 8;
    private static final int WARM_UP_SECONDS = 10;

    private final EvaluationProperties properties;
    private final DocumentStore documents;
    private final TenantTransactions transactions;
    private final Retriever retriever;
    private final EmbeddingModel embeddings;
    private final Ids ids;

    LatencyEvaluation(
            EvaluationProperties properties,
            DocumentStore documents,
            TenantTransactions transactions,
            Retriever retriever,
            EmbeddingModel embeddings,
            Ids ids) {
        this.properties = properties;
        this.documents = documents;
        this.transactions = transactions;
        this.retriever = retriever;
        this.embeddings = embeddings;
        this.ids = ids;
    }

    /** @return the report */
    String run() throws InterruptedException {
        String name =
                String.join("\n", "made up", "" + properties.chunks(), "" + properties.seed(), embeddings.modelName());
        UUID tenant =
                EvaluationTenant.named(name, "{}", transactions, documents).id();
        if (written(tenant) < properties.chunks()) {
            LOG.info("Writing {} made-up chunks", properties.chunks());
            transactions.run(tenant, jdbc -> jdbc.sql("delete from chunks").update());
            new MadeUpChunks(properties.seed(), embeddings.dimension())
                    .write(tenant, properties.chunks(), embeddings.modelName(), ids, transactions);
        }
        LOG.info("Building the index");
        retriever.forgetTenant(tenant);
        long start = System.nanoTime();
        retriever.awaitIndex(tenant);
        double building = (System.nanoTime() - start) / 1e9;
        LOG.info("Searching");
        MadeUpChunks questions = new MadeUpChunks(properties.seed(), embeddings.dimension());
        drive(tenant, questions, WARM_UP_SECONDS, new Latencies(), new AtomicInteger());
        Latencies latencies = new Latencies();
        AtomicInteger failed = new AtomicInteger();
        Duration before = processorTime();
        drive(tenant, questions, properties.seconds(), latencies, failed);
        Duration spent = processorTime().minus(before);
        return String.format(
                Locale.ROOT,
                "%n%d made-up chunks: hybrid search at %d/s over %d s, embedding included: %s, %d failed;"
                        + " %.1f ms of the hub's processor time a search%n"
                        + "Index: %.0f chunks/s from rows, %.1f MiB on disk%n",
                properties.chunks(),
                properties.rate(),
                properties.seconds(),
                latencies,
                failed.get(),
                spent.toNanos() / 1e6 / (properties.rate() * properties.seconds()),
                properties.chunks() / building,
                retriever.bytesOnDisk(tenant) / 1048576.0);
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private int written(UUID tenant) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from chunks")
                .query(Integer.class)
                .single());
    }

    private void drive(UUID tenant, MadeUpChunks questions, int seconds, Latencies latencies, AtomicInteger failed)
            throws InterruptedException {
        try (ExecutorService searches = Executors.newVirtualThreadPerTaskExecutor()) {
            long first = System.nanoTime();
            for (int i = 0; i < seconds * properties.rate(); i++) {
                long due = first + i * TimeUnit.SECONDS.toNanos(1) / properties.rate();
                String question = questions.words(QUESTION_WORDS);
                float[] vector = questions.vector();
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                searches.execute(() -> search(tenant, question, vector, due, latencies, failed));
            }
            searches.shutdown();
            if (!searches.awaitTermination(1, TimeUnit.MINUTES)) {
                searches.shutdownNow();
            }
        }
    }

    private void search(
            UUID tenant, String question, float[] vector, long due, Latencies latencies, AtomicInteger failed) {
        try {
            // embedded as every question is; the made-up vector, which lies among the chunks', is what is looked for
            embeddings.embed(question);
            retriever.search(tenant, question, vector, TenantSettings.NONE.retrievalOrDefault(), TOP);
            latencies.add(System.nanoTime() - due);
        } catch (RuntimeException broken) {
            failed.incrementAndGet();
            LOG.debug("A search failed", broken);
        }
    }
}
