package org.caravanserai.retrieval;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/** Reads what changed among a tenant's chunks. */
@Component
class ChunkFeed {

    /** What a {@link ChunkRow} is made of, but for the condition. */
    static final String COLUMNS = """
            select c.*, d.name as document_name, c.metadata->>'page' as page,
                array(select jsonb_array_elements_text(
                    case jsonb_typeof(c.metadata->'headings') when 'array' then c.metadata->'headings' else '[]' end)) as headings
              from chunks c left join documents d on d.id = c.document_id""";

    private final TenantTransactions transactions;

    ChunkFeed(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /**
     * A tenant's count of changes.
     *
     * @param changeNo the number of the last committed one
     * @param life tells it from the count of an earlier tenant that had the same id, or that had another language
     * @param language what the tenant has set; may be null
     */
    record Clock(long changeNo, String life, String language) {

        private static final Clock UNUSED = new Clock(0, "", null);

        /** Whether the tenant never had a chunk, or is gone. */
        boolean isUnused() {
            return life.isEmpty();
        }
    }

    /** A tenant whose count of changes moved. */
    record Moved(UUID tenantId, long changeNo, OffsetDateTime movedAt) {}

    /**
     * The tenants, up to so many, whose changes moved since then and up to a minute before; with null, those that moved
     * last. The latest first.
     */
    List<Moved> moved(OffsetDateTime since, int limit) {
        return transactions.oneAcrossTenants(
                jdbc -> jdbc.sql("select tenant_id, change_no, moved_at from hub_moved_tenants(?::timestamptz, ?)")
                        .params(Arrays.asList(since, limit))
                        .query((row, n) -> new Moved(
                                row.getObject("tenant_id", UUID.class),
                                row.getLong("change_no"),
                                row.getObject("moved_at", OffsetDateTime.class)))
                        .list());
    }

    /** Where the tenant's changes stand; at 0 if it never had a chunk. */
    Clock clock(UUID tenantId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("""
                                select c.change_no, c.life::text || coalesce(' ' || (t.settings->>'language'), '') as life,
                                    t.settings->>'language' as language
                                  from chunk_clocks c join tenants t on t.id = c.tenant_id where c.tenant_id = ?
                                """)
                .param(tenantId)
                .query(Clock.class)
                .optional()
                .orElse(Clock.UNUSED));
    }

    /** The next changes after the given number and up to another, oldest first. */
    List<ChunkRow> after(UUID tenantId, long changeNo, long upTo, int limit) {
        return transactions.in(tenantId, jdbc -> jdbc.sql(
                        COLUMNS
                                + " where c.tenant_id = ? and c.change_no > ? and c.change_no <= ? order by c.change_no limit ?")
                .params(tenantId, changeNo, upTo, limit)
                .query((row, n) -> row(row))
                .list());
    }

    static ChunkRow row(ResultSet row) throws SQLException {
        String name = row.getString("document_name");
        return new ChunkRow(
                row.getObject("id", UUID.class),
                row.getObject("document_id", UUID.class),
                name == null ? "" : name,
                row.getInt("position"),
                row.getString("page"),
                List.of((String[]) row.getArray("headings").getArray()),
                row.getString("title"),
                row.getString("text"),
                floats(row.getBytes("vector")),
                row.getString("model"),
                row.getLong("change_no"),
                row.getBoolean("deleted"));
    }

    private static float[] floats(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        float[] vector = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }
}
