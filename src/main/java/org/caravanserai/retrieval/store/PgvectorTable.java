package org.caravanserai.retrieval.store;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.caravanserai.startup.StartupFailure;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * pgvector in the hub's own PostgreSQL. One table under row-level security; each dimension has an HNSW index of its own over
 * the rows that have it. A tenant's mark is a row without a vector, under the tenant's id.
 */
final class PgvectorTable implements VectorTable {

    /** What {@code vector} and {@code halfvec} can be indexed with; beyond the second, search is exact. */
    private static final int MAX_VECTOR = 2_000;

    private static final int MAX_HALFVEC = 4_000;

    private final TenantTransactions transactions;
    private final Set<Integer> indexed = ConcurrentHashMap.newKeySet();

    /** @throws StartupFailure if the database has no pgvector that will do */
    PgvectorTable(TenantTransactions transactions) {
        this.transactions = transactions;
        String state = transactions.acrossTenants(jdbc ->
                jdbc.sql("select hub_prepare_pgvector()").query(String.class).single());
        if (!state.equals("ready")) {
            throw new StartupFailure(
                    "HUB_VECTOR_STORE is pgvector, but " + state + ".",
                    "Install pgvector 0.8 or newer beside PostgreSQL and let a superuser run \"create extension vector\""
                            + " in the hub's database, or set HUB_VECTOR_STORE to embedded or qdrant.");
        }
    }

    @Override
    public String name() {
        return VectorProperties.PGVECTOR;
    }

    @Override
    public Optional<Mark> mark(UUID tenantId, Space space) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select change_no, life::text as life from chunk_vectors"
                        + " where tenant_id = ? and chunk_id = ? and model = ? and dimension = ?")
                .params(tenantId, tenantId, space.model(), space.dimension())
                .query(Mark.class)
                .optional());
    }

    @Override
    public void mark(UUID tenantId, Space space, Mark mark) {
        transactions.run(tenantId, jdbc -> jdbc.sql("""
                        insert into chunk_vectors (tenant_id, chunk_id, model, dimension, change_no, life)
                          select t.id, t.id, ?, ?, ?, ?::uuid from tenants t where t.id = ?
                          on conflict (tenant_id, chunk_id) do update set model = excluded.model,
                            dimension = excluded.dimension, change_no = excluded.change_no, life = excluded.life
                        """)
                .params(space.model(), space.dimension(), mark.changeNo(), mark.life(), tenantId)
                .update());
    }

    @Override
    public void put(UUID tenantId, Space space, List<Point> points) {
        if (!indexed.contains(space.dimension())) {
            // once for a dimension, while it has no rows yet; a transaction of its own, since it locks the table
            transactions.acrossTenants(jdbc -> jdbc.sql("select hub_index_pgvector(?)")
                    .param(space.dimension())
                    .query((row, n) -> "")
                    .list());
            indexed.add(space.dimension());
        }
        transactions.run(tenantId, jdbc -> jdbc.sql("""
                        insert into chunk_vectors (tenant_id, chunk_id, model, dimension, embedding)
                          select t.id, g.id, ?, ?, g.vector::vector
                            from tenants t, unnest(?::uuid[], ?::text[]) as g (id, vector) where t.id = ?
                          on conflict (tenant_id, chunk_id) do update set model = excluded.model,
                            dimension = excluded.dimension, embedding = excluded.embedding
                        """)
                .params(
                        space.model(),
                        space.dimension(),
                        points.stream().map(p -> p.chunkId().toString()).toArray(String[]::new),
                        points.stream().map(p -> literal(p.vector())).toArray(String[]::new),
                        tenantId)
                .update());
    }

    @Override
    public void remove(UUID tenantId, Space space, List<UUID> chunkIds) {
        transactions.run(tenantId, jdbc -> jdbc.sql(
                        "delete from chunk_vectors where tenant_id = ? and chunk_id = any (?::uuid[])")
                .params(tenantId, chunkIds.stream().map(UUID::toString).toArray(String[]::new))
                .update());
    }

    @Override
    public List<Near> nearest(UUID tenantId, Space space, float[] question, int limit) {
        int dimension = space.dimension();
        // written out, not parameters: the index is found by the very expression and the very number
        String type = dimension <= MAX_VECTOR || dimension > MAX_HALFVEC ? "vector" : "halfvec";
        String distance = "embedding::%1$s(%2$d) <=> :question::%1$s(%2$d)".formatted(type, dimension);
        return transactions.in(tenantId, jdbc -> {
            setForSearch(jdbc, limit);
            return jdbc.sql("select chunk_id, 1 - (" + distance + ") as cosine from chunk_vectors"
                            + " where tenant_id = :tenant and model = :model and dimension = " + dimension
                            + " and embedding is not null order by " + distance + " limit :limit")
                    .param("question", literal(question))
                    .param("tenant", tenantId)
                    .param("model", space.model())
                    .param("limit", limit)
                    .query((row, n) -> new Near(row.getObject(1, UUID.class), row.getDouble(2)))
                    .list();
        });
    }

    /** The index is searched on until enough rows of this tenant are found (pgvector 0.8). */
    private static void setForSearch(JdbcClient jdbc, int limit) {
        jdbc.sql("select set_config('hnsw.iterative_scan', 'strict_order', true),"
                        + " set_config('hnsw.ef_search', ?, true)")
                .param(Integer.toString(Math.clamp(limit, 40, 1_000)))
                .query((row, n) -> "")
                .list();
    }

    @Override
    public void forget(UUID tenantId, Space kept) {
        transactions.run(tenantId, jdbc -> {
            if (kept == null) {
                jdbc.sql("delete from chunk_vectors where tenant_id = ?")
                        .param(tenantId)
                        .update();
            } else {
                jdbc.sql("delete from chunk_vectors where tenant_id = ? and (model <> ? or dimension <> ?)")
                        .params(tenantId, kept.model(), kept.dimension())
                        .update();
            }
        });
    }

    @Override
    public void check() {
        transactions.acrossTenants(jdbc -> jdbc.sql("select 1 from chunk_vectors limit 1")
                .query(Integer.class)
                .optional());
    }

    @Override
    public void close() {
        indexed.clear();
    }

    private static String literal(float[] vector) {
        StringBuilder text = new StringBuilder(vector.length * 12).append('[');
        for (int i = 0; i < vector.length; i++) {
            text.append(i == 0 ? "" : ",").append(vector[i]);
        }
        return text.append(']').toString();
    }
}
