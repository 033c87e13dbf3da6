package org.caravanserai.evaluation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.tenant.TenantTransactions;

/**
 * Chunks that nobody wrote, for measuring latency only: words whose frequencies fall as those of a language do, vectors in
 * clusters as those of texts are.
 */
final class MadeUpChunks {

    private static final int WORDS = 30_000;
    private static final int CLUSTERS = 500;
    private static final int PAGE = 500;
    private static final double SPREAD = 0.8;

    private final Random random;
    private final float[][] centres;

    MadeUpChunks(long seed, int dimension) {
        this.random = new Random(seed);
        this.centres = new float[CLUSTERS][];
        for (int i = 0; i < CLUSTERS; i++) {
            centres[i] = unit(new float[dimension], 1);
        }
    }

    String words(int count) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < count; i++) {
            // the n-th word is met about 1/n as often as the first
            int rank = (int) Math.exp(random.nextDouble() * Math.log(WORDS));
            words.append(i == 0 ? "" : " ").append("w").append(Integer.toString(rank, Character.MAX_RADIX));
        }
        return words.toString();
    }

    float[] vector() {
        return unit(centres[random.nextInt(CLUSTERS)].clone(), SPREAD / Math.sqrt(centres[0].length));
    }

    /** Writes rows as indexing does, under the tenant's change clock. */
    void write(UUID tenant, int count, String model, Ids ids, TenantTransactions transactions) {
        for (int from = 0; from < count; from += PAGE) {
            int size = Math.min(PAGE, count - from);
            int first = from;
            List<String> chunkIds = new ArrayList<>();
            List<String> texts = new ArrayList<>();
            List<byte[]> vectors = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                chunkIds.add(ids.next().toString());
                texts.add(words(120));
                vectors.add(bytes(vector()));
            }
            transactions.run(tenant, jdbc -> {
                jdbc.sql("insert into chunk_clocks (tenant_id, change_no) values (?, ?)"
                                + " on conflict (tenant_id) do update set change_no = excluded.change_no")
                        .params(tenant, (long) first + size)
                        .update();
                jdbc.sql("""
                                insert into chunks (id, tenant_id, document_id, position, title, text, vector, model, change_no)
                                select g.id, ?, g.id, 0, '', g.text, g.vector, ?, ? + g.n
                                  from unnest(?::uuid[], ?::text[], ?::bytea[]) with ordinality as g (id, text, vector, n)
                                """)
                        .params(
                                tenant,
                                model,
                                first,
                                chunkIds.toArray(String[]::new),
                                texts.toArray(String[]::new),
                                vectors.toArray(byte[][]::new))
                        .update();
            });
        }
    }

    private float[] unit(float[] vector, double spread) {
        double length = 0;
        for (int i = 0; i < vector.length; i++) {
            vector[i] += (float) (spread * random.nextGaussian());
            length += vector[i] * vector[i];
        }
        for (int i = 0; i < vector.length; i++) {
            vector[i] /= (float) Math.sqrt(length);
        }
        return vector;
    }

    private static byte[] bytes(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.array();
    }
}
