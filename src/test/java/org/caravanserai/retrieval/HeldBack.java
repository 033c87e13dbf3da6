package org.caravanserai.retrieval;

import dev.langchain4j.model.embedding.EmbeddingModel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.caravanserai.HubProperties;
import org.caravanserai.Ids;
import org.caravanserai.failure.Circuits;
import org.caravanserai.retrieval.store.RowVectors;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.context.ApplicationContext;

/** A hub of its own, with its own folder, whose indexes can be kept from following. Its rows are those of all. */
public class HeldBack implements AutoCloseable {

    static final int DIMENSION = 384;

    private final TenantTransactions transactions;
    private final Ids ids = new Ids();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean isHeld;
    private Duration pause = Duration.ZERO;

    final AtomicInteger pages = new AtomicInteger();
    final ChunkFeed feed;
    final TenantIndexes indexes;
    final IndexFollower follower;
    final Retriever retriever;
    final RowSearch rows;
    final Path folder;
    private final EmbeddingModel embeddings;
    private final ProcessorThreads threads = new ProcessorThreads("held-search-", 2);

    private HeldBack(ApplicationContext context) {
        HubProperties hub = context.getBean(HubProperties.class);
        TenantTransactions transactions = context.getBean(TenantTransactions.class);
        EmbeddingModel embeddings = context.getBean(EmbeddingModel.class);
        RerankProperties rerank = context.getBean(RerankProperties.class);
        Circuits circuits = context.getBean(Circuits.class);
        RowVectors rowVectors = context.getBean(RowVectors.class);
        this.transactions = transactions;
        this.embeddings = embeddings;
        this.folder = hub.home().resolve("held").resolve(UUID.randomUUID().toString());
        this.feed = new ChunkFeed(transactions) {
            @Override
            List<ChunkRow> after(UUID tenantId, long changeNo, long upTo, int limit) {
                awaitLeave();
                pages.incrementAndGet();
                return super.after(tenantId, changeNo, upTo, limit);
            }
        };
        Terms terms = new Terms();
        VectorProperties vectors = new VectorProperties(VectorProperties.EMBEDDED, Duration.ofSeconds(5), null);
        RetrievalProperties properties = new RetrievalProperties(50, 0.5);
        this.indexes = new TenantIndexes(
                new HubProperties(folder, hub.publicUrl(), null, false, false),
                feed,
                terms,
                embeddings,
                properties,
                vectors);
        this.follower = new IndexFollower(indexes, feed, terms);
        this.rows = new RowSearch(transactions);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        LuceneVectors store = new LuceneVectors(indexes, follower, feed);
        this.retriever = new Retriever(
                indexes,
                follower,
                feed,
                rows,
                terms,
                embeddings,
                new Reranking(null, circuits, rerank),
                properties,
                rerank,
                new VectorLeg(store, rowVectors, meters),
                store,
                threads,
                new QuestionsFirst(),
                meters);
    }

    /** One that follows, until it is told not to. */
    public static HeldBack of(ApplicationContext context) {
        return new HeldBack(context);
    }

    /** What says when chunks are found on this hub. */
    public Findable findable() {
        return new Findable(
                follower,
                new LuceneVectors(indexes, follower, feed),
                new VectorProperties(VectorProperties.EMBEDDED, Duration.ofSeconds(5), null));
    }

    /** Searches on this hub. */
    public Retriever retriever() {
        return retriever;
    }

    /** Whether this hub's index of the tenant has all rows of now within 30 s. */
    public boolean follows(UUID tenantId) {
        return follower.awaitFollowed(tenantId, Duration.ofSeconds(30));
    }

    /** From now on no index reads a row. */
    public void hold() {
        lock.lock();
        isHeld = true;
        lock.unlock();
    }

    /** From now on each page of rows takes so long. */
    void slow(Duration each) {
        lock.lock();
        pause = each;
        lock.unlock();
    }

    /** Indexes follow again. */
    public void letGo() {
        lock.lock();
        isHeld = false;
        pause = Duration.ZERO;
        changed.signalAll();
        lock.unlock();
    }

    @Override
    public void close() {
        letGo();
        follower.close();
        indexes.close();
        threads.close();
    }

    /** Writes a document of so many chunks, as indexing would, with made-up vectors. @return its id */
    public UUID write(UUID tenant, int chunks, String text) {
        UUID document = ids.next();
        Random random = new Random(chunks);
        List<String> chunkIds = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        List<byte[]> vectors = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            chunkIds.add(ids.next().toString());
            texts.add(text.formatted(i));
            vectors.add(vector(random));
        }
        transactions.run(tenant, jdbc -> {
            long last = jdbc.sql("insert into chunk_clocks (tenant_id) values (?) on conflict (tenant_id)"
                            + " do update set change_no = chunk_clocks.change_no returning change_no")
                    .param(tenant)
                    .query(Long.class)
                    .single();
            jdbc.sql("insert into documents (id, tenant_id, name, media_type, bytes, sha256, object_key, status)"
                            + " values (?, ?, 'made-up.txt', 'text/plain', 1, ''::bytea, 'none', 'indexed')")
                    .params(document, tenant)
                    .update();
            jdbc.sql("""
                            insert into chunks (id, tenant_id, document_id, position, title, text, vector, model, change_no)
                              select g.id, ?, ?, g.n - 1, 'Made up', g.text, g.vector, ?, ? + g.n
                                from unnest(?::uuid[], ?::text[], ?::bytea[]) with ordinality as g (id, text, vector, n)
                            """)
                    .params(
                            tenant,
                            document,
                            embeddings.modelName(),
                            last,
                            chunkIds.toArray(String[]::new),
                            texts.toArray(String[]::new),
                            vectors.toArray(byte[][]::new))
                    .update();
            jdbc.sql("update chunk_clocks set change_no = ?")
                    .param(last + chunks)
                    .update();
        });
        return document;
    }

    private static byte[] vector(Random random) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * DIMENSION).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < DIMENSION; i++) {
            bytes.putFloat((float) (random.nextGaussian() / Math.sqrt(DIMENSION)));
        }
        return bytes.array();
    }

    private void awaitLeave() {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (isHeld || left > 0) {
                left = changed.awaitNanos(isHeld ? TimeUnit.SECONDS.toNanos(1) : left);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
