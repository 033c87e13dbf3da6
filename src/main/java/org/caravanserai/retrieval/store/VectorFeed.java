package org.caravanserai.retrieval.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/** Reads what changed among the vectors of a tenant's chunks, and notes how far a store follows. */
@Component
class VectorFeed {

    private final TenantTransactions transactions;

    VectorFeed(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /** @param vector null if the chunk is gone, or has none in the space that was asked for */
    record Change(UUID chunkId, float[] vector, long changeNo) {}

    /** Where the tenant's changes stand; empty if it never had a chunk. */
    Optional<Mark> clock(UUID tenantId) {
        return transactions.in(
                tenantId, jdbc -> jdbc.sql("select change_no, life::text as life from chunk_clocks where tenant_id = ?")
                        .param(tenantId)
                        .query(Mark.class)
                        .optional());
    }

    /** The next changes after the given number, oldest first. */
    List<Change> after(UUID tenantId, Space space, long changeNo, int limit) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("""
                        select id, change_no, case when not deleted and model = ? and dimension = ? then vector end as vector
                          from chunks where tenant_id = ? and change_no > ? order by change_no limit ?
                        """)
                .params(space.model(), space.dimension(), tenantId, changeNo, limit)
                .query((row, n) -> new Change(
                        row.getObject("id", UUID.class), floats(row.getBytes("vector")), row.getLong("change_no")))
                .list());
    }

    /** The dimension of the tenant's newest vector of the model; empty if it has none. */
    Optional<Integer> dimension(UUID tenantId, String model) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select dimension from chunks where tenant_id = ?"
                        + " and not deleted and model = ? and vector is not null order by change_no desc limit 1")
                .params(tenantId, model)
                .query(Integer.class)
                .optional());
    }

    /** Notes how far the store follows, so that tenants that it does not follow can be found. */
    void note(UUID tenantId, String store, Mark mark) {
        transactions.run(tenantId, jdbc -> jdbc.sql("""
                        insert into vector_store_marks (tenant_id, store, change_no, life)
                          select t.id, ?, ?, ?::uuid from tenants t where t.id = ?
                          on conflict (tenant_id, store) do update set change_no = excluded.change_no, life = excluded.life
                        """)
                .params(store, mark.changeNo(), mark.life(), tenantId)
                .update());
    }

    /** Tenants whose latest changes the store was not seen to hold. */
    List<UUID> behind(String store, int limit) {
        return transactions.acrossTenants(jdbc -> jdbc.sql("select tenant_id from hub_tenants_behind(?, ?)")
                .params(store, limit)
                .query(UUID.class)
                .list());
    }

    static float[] floats(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        float[] vector = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }
}
