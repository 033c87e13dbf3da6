package org.caravanserai.evaluation;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.Upload;
import org.caravanserai.startup.StartupFailure;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tenant of a measurement's own, whose documents go the way of every tenant's: rows, queue, chunks, embeddings. */
final class EvaluationTenant {

    private static final Logger LOG = LoggerFactory.getLogger(EvaluationTenant.class);
    private static final Duration STUCK = Duration.ofMinutes(10);
    private static final int SAY_EVERY_LOOKS = 20;

    private final UUID id;
    private final TenantTransactions transactions;
    private final DocumentStore documents;

    /** How far indexing is. @param open documents that are still due */
    record State(int indexed, int failed, int open, int chunks) {}

    private EvaluationTenant(UUID id, TenantTransactions transactions, DocumentStore documents) {
        this.id = id;
        this.transactions = transactions;
        this.documents = documents;
    }

    /** The same name gives the same tenant again, with what it has indexed. @param settings as JSON */
    static EvaluationTenant named(
            String name, String settings, TenantTransactions transactions, DocumentStore documents) {
        UUID id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        transactions.run(
                id, jdbc -> jdbc.sql("insert into tenants (id, name, settings) values (?, 'Evaluation', ?::jsonb)"
                                + " on conflict (id) do update set settings = excluded.settings")
                        .params(id, settings)
                        .update());
        return new EvaluationTenant(id, transactions, documents);
    }

    UUID id() {
        return id;
    }

    /** The id under which a document of the collection is kept. */
    UUID documentId(String key) {
        return UUID.nameUUIDFromBytes((id + "/" + key).getBytes(StandardCharsets.UTF_8));
    }

    /** Takes a text in, unless it is there already. */
    void add(String key, String title, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        documents.acceptAs(
                id,
                documentId(key),
                new Upload("document.txt", null, () -> new ByteArrayInputStream(bytes)),
                Map.of("title", title));
    }

    /** Takes a file in, unless it is there already. */
    void add(String key, Upload upload) {
        documents.acceptAs(id, documentId(key), upload);
    }

    State state() {
        return transactions.in(id, jdbc -> jdbc.sql("""
                        select count(*) filter (where status = 'indexed') as indexed,
                            count(*) filter (where status = 'failed') as failed,
                            count(*) filter (where status in ('pending', 'indexing')) as open,
                            coalesce(sum(chunk_count), 0) as chunks from documents
                        """).query(State.class).single());
    }

    /** Why documents failed, each reason once. */
    List<String> failures() {
        return transactions.in(
                id, jdbc -> jdbc.sql("select distinct error from documents where status = 'failed' order by 1 limit 5")
                        .query(String.class)
                        .list());
    }

    /**
     * Waits until nothing is left to be indexed, and says now and then how far it is.
     *
     * @throws StartupFailure if nothing was indexed for ten minutes
     */
    State awaitIndexed() throws InterruptedException {
        CompletableFuture<State> done = new CompletableFuture<>();
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            clock.scheduleWithFixedDelay(new Look(done), 0, 500, TimeUnit.MILLISECONDS);
            State state = done.get();
            clock.shutdownNow();
            return state;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException("Indexing could not be followed", failed.getCause());
        }
    }

    private final class Look implements Runnable {

        private final CompletableFuture<State> done;
        private final long started = System.nanoTime();
        private int looks;
        private int before = -1;
        private int first = -1;
        private long advanced = System.nanoTime();

        private Look(CompletableFuture<State> done) {
            this.done = done;
        }

        @Override
        public void run() {
            try {
                State state = state();
                int finished = state.indexed() + state.failed();
                first = first < 0 ? finished : first;
                if (finished != before) {
                    before = finished;
                    advanced = System.nanoTime();
                }
                if (state.open() == 0) {
                    done.complete(state);
                } else if (System.nanoTime() - advanced > STUCK.toNanos()) {
                    done.completeExceptionally(new StartupFailure(
                            "Nothing was indexed for ten minutes.", "Read the lines above, and start it again."));
                } else if (looks++ % SAY_EVERY_LOOKS == 0) {
                    LOG.info(
                            "  {} of {} documents indexed, {}/s",
                            finished,
                            finished + state.open(),
                            Math.round((finished - first) * 1e9 / (System.nanoTime() - started)));
                }
            } catch (RuntimeException failed) {
                done.completeExceptionally(failed);
            }
        }
    }
}
