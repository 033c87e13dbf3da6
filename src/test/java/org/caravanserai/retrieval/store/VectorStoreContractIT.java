package org.caravanserai.retrieval.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.caravanserai.Ids;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every vector store must do, whichever it is. Chunks are written as rows, as indexing writes them; the store is asked
 * for what is near. It runs unchanged on each.
 */
abstract class VectorStoreContractIT {

    static final int DIMENSION = 16;

    private final Ids ids = new Ids();
    final CurrentModel model = new CurrentModel();
    UUID tenant;

    abstract TenantTransactions transactions();

    /** The store as the hub would have it, that asks this model for the name of what it searches. */
    abstract VectorStore store();

    /** Takes away all that the store holds, of everybody, behind its back. */
    abstract void lose();

    @BeforeEach
    void makesATenant() {
        tenant = RetrievalSlice.newTenant(transactions());
    }

    @Test
    void findsNothingForATenantWithoutChunks() {
        assertThat(nearest(tenant, axis(0))).isEmpty();
    }

    @Test
    void findsTheNearestFirstWithTheirCosine() {
        UUID near = add(tenant, between(0, 1, 0.9));
        UUID nearest = add(tenant, axis(0));
        UUID far = add(tenant, axis(2));

        store().follow(tenant);
        List<Near> found = store().nearest(tenant, axis(0), 10);

        assertThat(found.stream().map(Near::chunkId)).containsExactly(nearest, near, far);
        assertThat(found.get(0).cosine()).isCloseTo(1, within(1e-5));
        assertThat(found.get(1).cosine()).isCloseTo(0.9, within(1e-5));
        assertThat(found.get(2).cosine()).isCloseTo(0, within(1e-5));
    }

    @Test
    void givesNoMoreThanIsAskedFor() {
        IntStream.range(0, 10).forEach(i -> add(tenant, axis(i)));

        assertThat(nearest(tenant, axis(3), 4)).hasSize(4);
    }

    @Test
    void finds100NearestOfManyAsAnExactSearchDoes() {
        Random random = new Random(7);
        Map<UUID, float[]> all = new TreeMap<>();
        List<float[]> vectors =
                IntStream.range(0, 1_500).mapToObj(i -> random(random)).toList();
        List<UUID> added = addAll(tenant, vectors);
        IntStream.range(0, added.size()).forEach(i -> all.put(added.get(i), vectors.get(i)));
        float[] question = random(random);
        List<UUID> exact = all.entrySet().stream()
                .sorted(Comparator.comparingDouble(e -> -dot(question, e.getValue())))
                .limit(100)
                .map(Map.Entry::getKey)
                .toList();

        List<UUID> found = nearest(tenant, question, 100);

        assertThat(found).hasSize(100).doesNotHaveDuplicates();
        assertThat(found.stream().filter(exact::contains).count())
                .as("recall at 100")
                .isGreaterThanOrEqualTo(97);
    }

    @Test
    void seesWhatWasCommittedOnceItFollowed() {
        for (int i = 0; i < DIMENSION; i++) {
            UUID added = add(tenant, axis(i));
            assertThat(nearest(tenant, axis(i), 1)).containsExactly(added);
        }
    }

    @Test
    void findsNothingOfWhatWasDeleted() {
        UUID kept = add(tenant, axis(0));
        UUID deleted = add(tenant, axis(1));
        assertThat(nearest(tenant, axis(1))).contains(deleted);

        bury(tenant, deleted);

        assertThat(nearest(tenant, axis(1))).containsExactly(kept);
    }

    @Test
    void followsWithoutBeingSearched() {
        UUID deleted = add(tenant, axis(1));
        store().follow(tenant);
        bury(tenant, deleted);

        store().follow(tenant);

        assertThat(nearest(tenant, axis(1))).isEmpty();
    }

    @Test
    void showsATenantNothingOfAnotherHoweverNear() {
        UUID other = RetrievalSlice.newTenant(transactions());
        UUID own = add(tenant, axis(5));
        IntStream.range(0, 300).forEach(i -> add(other, axis(0)));
        nearest(other, axis(0));

        assertThat(nearest(tenant, axis(0), 100)).containsExactly(own);
        assertThat(nearest(RetrievalSlice.newTenant(transactions()), axis(0), 100))
                .isEmpty();
    }

    @Test
    void findsAllOfASmallTenantBesideALargeOne() {
        UUID large = RetrievalSlice.newTenant(transactions());
        Random random = new Random(11);
        addAll(large, IntStream.range(0, 1_500).mapToObj(i -> random(random)).toList());
        nearest(large, axis(0));
        List<UUID> own = addAll(
                tenant, IntStream.range(0, 30).mapToObj(i -> random(random)).toList());

        assertThat(nearest(tenant, random(random), 100)).containsExactlyInAnyOrderElementsOf(own);
    }

    @Test
    void takesNoChunkFromAnotherTenantBecauseItNamesIt() {
        UUID other = RetrievalSlice.newTenant(transactions());
        UUID theirs = add(other, axis(0));
        assertThat(nearest(other, axis(0))).containsExactly(theirs);

        // a tombstone of ours under another's id, as a forged feed would have it
        store().forgetTenant(tenant);
        add(tenant, axis(1));
        nearest(tenant, axis(0));

        assertThat(nearest(other, axis(0))).containsExactly(theirs);
    }

    @Test
    void keepsTenantsApartWhenTheyAreSearchedAtOnce() throws Exception {
        VectorStore store = store();
        Map<UUID, UUID> chunkByTenant = new TreeMap<>();
        for (int i = 0; i < 8; i++) {
            UUID one = RetrievalSlice.newTenant(transactions());
            chunkByTenant.put(one, add(one, axis(0)));
            store.follow(one);
        }
        List<Callable<Boolean>> searches = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            chunkByTenant.forEach((one, chunk) -> searches.add(() -> store.nearest(one, axis(0), 100).stream()
                    .map(Near::chunkId)
                    .toList()
                    .equals(List.of(chunk))));
        }

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> alone : threads.invokeAll(searches)) {
                assertThat(alone.get()).isTrue();
            }
        }
    }

    @Test
    void isFilledAgainFromTheRowsWhenItIsLost() {
        UUID one = add(tenant, axis(0));
        UUID two = add(tenant, axis(1));
        nearest(tenant, axis(0));

        lose();

        assertThat(nearest(tenant, axis(0))).containsExactlyInAnyOrder(one, two);
    }

    @Test
    void findsNothingOfAnEarlierTenantOfTheSameId() {
        add(tenant, axis(0));
        nearest(tenant, axis(0));
        transactions().run(tenant, jdbc -> {
            jdbc.sql("delete from tenants where id = ?").param(tenant).update();
            jdbc.sql("insert into tenants (id, name) values (?, 'Anew')")
                    .param(tenant)
                    .update();
        });

        assertThat(nearest(tenant, axis(0))).isEmpty();
        UUID anew = add(tenant, axis(1));
        assertThat(nearest(tenant, axis(0))).containsExactly(anew);
    }

    @Test
    void isFilledAgainWhenItIsAheadOfARestoredDatabase() {
        UUID old = add(tenant, axis(0));
        UUID undone = add(tenant, axis(1));
        assertThat(nearest(tenant, axis(0))).contains(undone);

        transactions().run(tenant, jdbc -> {
            jdbc.sql("delete from chunks where id = ?").param(undone).update();
            jdbc.sql("update chunk_clocks set change_no = 1").update();
        });

        assertThat(nearest(tenant, axis(0))).containsExactly(old);
    }

    @Test
    void forgetsATenant() {
        add(tenant, axis(0));
        nearest(tenant, axis(0));
        transactions().run(tenant, jdbc -> jdbc.sql("delete from tenants where id = ?")
                .param(tenant)
                .update());

        store().forgetTenant(tenant);

        assertThat(nearest(tenant, axis(0))).isEmpty();
    }

    @Test
    void comparesOnlyVectorsOfTheModelInUse() {
        UUID old = add(tenant, axis(0));
        assertThat(nearest(tenant, axis(0))).containsExactly(old);

        model.name = "another-model";
        assertThat(nearest(tenant, axis(0))).isEmpty();
        UUID fresh = add(tenant, axis(1));
        assertThat(nearest(tenant, axis(0))).containsExactly(fresh);

        model.name = "a-model";
        assertThat(nearest(tenant, axis(0))).containsExactly(old);
    }

    @Test
    void neverMixesDimensions() {
        UUID small = add(tenant, axis(0));
        nearest(tenant, axis(0));
        float[] longer = new float[2 * DIMENSION];
        longer[0] = 1;

        UUID large = add(tenant, longer);

        assertThat(nearest(tenant, longer)).containsExactly(large);
        // a store outside holds vectors of one dimension, and brings those over that it is asked for
        await().untilAsserted(() -> assertThat(
                        store().nearest(tenant, axis(0), 100).stream().map(Near::chunkId))
                .containsExactly(small));
    }

    @Test
    void saysThatItAnswers() {
        store().check();

        assertThat(store().name()).isIn("embedded", "qdrant", "pgvector");
    }

    final List<UUID> nearest(UUID owner, float[] question) {
        return nearest(owner, question, 100);
    }

    final List<UUID> nearest(UUID owner, float[] question, int limit) {
        store().follow(owner);
        return store().nearest(owner, question, limit).stream()
                .map(Near::chunkId)
                .toList();
    }

    final UUID add(UUID owner, float[] vector) {
        return addAll(owner, List.of(vector)).getFirst();
    }

    private List<UUID> addAll(UUID owner, List<float[]> vectors) {
        List<UUID> added = vectors.stream().map(v -> ids.next()).toList();
        transactions().run(owner, jdbc -> {
            long last = jdbc.sql("insert into chunk_clocks (tenant_id) values (?) on conflict (tenant_id)"
                            + " do update set change_no = chunk_clocks.change_no returning change_no")
                    .param(owner)
                    .query(Long.class)
                    .single();
            jdbc.sql("""
                            insert into chunks (id, tenant_id, document_id, position, title, text, vector, model, change_no)
                              select g.id, ?, g.id, 0, '', '', g.vector, ?, ? + g.n
                                from unnest(?::uuid[], ?::bytea[]) with ordinality as g (id, vector, n)
                            """)
                    .params(
                            owner,
                            model.name,
                            last,
                            added.stream().map(UUID::toString).toArray(String[]::new),
                            vectors.stream().map(VectorStoreContractIT::bytes).toArray(byte[][]::new))
                    .update();
            jdbc.sql("update chunk_clocks set change_no = ?")
                    .param(last + added.size())
                    .update();
        });
        return added;
    }

    final void bury(UUID owner, UUID chunk) {
        transactions().run(owner, jdbc -> {
            long next = jdbc.sql("update chunk_clocks set change_no = change_no + 1 returning change_no")
                    .query(Long.class)
                    .single();
            jdbc.sql("update chunks set deleted = true, vector = null, text = '', change_no = ? where id = ?")
                    .params(next, chunk)
                    .update();
        });
    }

    static float[] axis(int place) {
        float[] vector = new float[DIMENSION];
        vector[place] = 1;
        return vector;
    }

    private static float[] between(int one, int other, double cosine) {
        float[] vector = new float[DIMENSION];
        vector[one] = (float) cosine;
        vector[other] = (float) Math.sqrt(1 - cosine * cosine);
        return vector;
    }

    private static float[] random(Random random) {
        float[] vector = new float[DIMENSION];
        double squares = 0;
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) random.nextGaussian();
            squares += vector[i] * vector[i];
        }
        for (int i = 0; i < vector.length; i++) {
            vector[i] /= (float) Math.sqrt(squares);
        }
        return vector;
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static byte[] bytes(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.array();
    }

    /** Only its name matters: that of the model that is in use. */
    static final class CurrentModel implements EmbeddingModel {

        volatile String name = "a-model";

        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            throw new UnsupportedOperationException("nothing is embedded here");
        }

        @Override
        public String modelName() {
            return name;
        }
    }
}
