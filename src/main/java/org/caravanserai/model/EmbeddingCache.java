package org.caravanserai.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/**
 * Vectors of passages by model and text, so that indexing again pays only for what is new. A tenant's own: a table that all
 * shared would tell one tenant, by time and bill, what another has stored, and would outlive its deletion.
 */
@Component
class EmbeddingCache {

    /** One in so many writes looks for what is old or too much. */
    private static final int PRUNED_EVERY = 50;

    private final TenantTransactions transactions;
    private final EmbeddingProperties properties;

    EmbeddingCache(TenantTransactions transactions, EmbeddingProperties properties) {
        this.transactions = transactions;
        this.properties = properties;
    }

    /** Those of the texts that are kept. */
    Map<String, float[]> find(UUID tenantId, String model, Collection<String> texts) {
        if (properties.cacheRows() == 0 || texts.isEmpty()) {
            return Map.of();
        }
        Map<ByteBuffer, String> byHash = new HashMap<>();
        texts.forEach(text -> byHash.put(ByteBuffer.wrap(hash(text)), text));
        SqlArray hashes =
                SqlArray.ofBytes(byHash.keySet().stream().map(ByteBuffer::array).toList());
        Map<String, float[]> found = new HashMap<>();
        transactions.run(tenantId, jdbc -> {
            jdbc.sql("select text_hash, vector from embedding_cache"
                            + " where tenant_id = :tenant and model = :model and text_hash = any (:hashes)")
                    .param("tenant", tenantId)
                    .param("model", model)
                    .param("hashes", hashes)
                    .query(row -> {
                        found.put(byHash.get(ByteBuffer.wrap(row.getBytes(1))), floats(row.getBytes(2)));
                    });
            // to the day, so that what is used often is not written often
            jdbc.sql("update embedding_cache set used_at = now() where tenant_id = :tenant and model = :model"
                            + " and text_hash = any (:hashes) and used_at < now() - interval '1 day'")
                    .param("tenant", tenantId)
                    .param("model", model)
                    .param("hashes", hashes)
                    .update();
        });
        return found;
    }

    /** Keeps vectors by their texts. */
    void keep(UUID tenantId, String model, Map<String, float[]> made) {
        if (properties.cacheRows() == 0 || made.isEmpty()) {
            return;
        }
        List<byte[]> hashes = new ArrayList<>();
        List<byte[]> vectors = new ArrayList<>();
        made.forEach((text, vector) -> {
            hashes.add(hash(text));
            vectors.add(bytes(vector));
        });
        transactions.run(tenantId, jdbc -> jdbc.sql("insert into embedding_cache (tenant_id, model, text_hash, vector)"
                        + " select :tenant, :model, g.hash, g.vector"
                        + " from unnest(:hashes, :vectors) as g (hash, vector) order by g.hash"
                        + " on conflict do nothing")
                .param("tenant", tenantId)
                .param("model", model)
                .param("hashes", SqlArray.ofBytes(hashes))
                .param("vectors", SqlArray.ofBytes(vectors))
                .update());
        if (ThreadLocalRandom.current().nextInt(PRUNED_EVERY) == 0) {
            prune(tenantId);
        }
    }

    /** Forgets what was not used for long, and the longest unused of what is too much. */
    void prune(UUID tenantId) {
        transactions.run(tenantId, jdbc -> {
            jdbc.sql("delete from embedding_cache where tenant_id = ? and used_at < now() - make_interval(secs => ?)")
                    .params(tenantId, properties.cacheFor().toSeconds())
                    .update();
            jdbc.sql(
                            "delete from embedding_cache c using (select model, text_hash from embedding_cache"
                                    + " where tenant_id = ? order by used_at desc offset ?) too_much"
                                    + " where c.tenant_id = ? and c.model = too_much.model and c.text_hash = too_much.text_hash")
                    .params(tenantId, properties.cacheRows(), tenantId)
                    .update();
        });
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static byte[] bytes(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.array();
    }

    private static float[] floats(byte[] bytes) {
        float[] vector = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }
}
