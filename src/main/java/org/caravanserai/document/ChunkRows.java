package org.caravanserai.document;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Writes chunks under the tenant's change clock: its row is locked first, so that changes of one tenant commit in the
 * order of their numbers. Always the first lock of a transaction, or two of them could wait for each other.
 */
@Component
class ChunkRows {

    private static final int ROWS_PER_INSERT = 200;

    /** A chunk to be written. @param vector little-endian float32 */
    record NewChunk(String title, String text, byte[] vector, String model) {}

    private final Ids ids;

    ChunkRows(Ids ids) {
        this.ids = ids;
    }

    /** Locks the tenant's clock until the transaction ends. @return the last number given */
    long lock(JdbcClient jdbc, UUID tenantId) {
        return jdbc.sql("insert into chunk_clocks (tenant_id) values (?) on conflict (tenant_id)"
                        + " do update set change_no = chunk_clocks.change_no returning change_no")
                .param(tenantId)
                .query(Long.class)
                .single();
    }

    /** Sets the clock to the last number used. */
    void advance(JdbcClient jdbc, UUID tenantId, long changeNo) {
        jdbc.sql("update chunk_clocks set change_no = ? where tenant_id = ?")
                .params(changeNo, tenantId)
                .update();
    }

    /** Leaves tombstones of all chunks of the documents. @return the last number used */
    long bury(JdbcClient jdbc, UUID tenantId, Collection<UUID> documents, long lastChangeNo) {
        if (documents.isEmpty()) {
            return lastChangeNo;
        }
        String[] list = documents.stream().map(UUID::toString).toArray(String[]::new);
        return lastChangeNo + jdbc.sql("""
                                with buried as (
                                  select id, row_number() over (order by document_id, position) as n from chunks
                                    where tenant_id = ? and document_id = any (?::uuid[]) and not deleted
                                )
                                update chunks c set deleted = true, title = '', text = '', vector = null, metadata = '{}',
                                    change_no = ? + buried.n
                                  from buried where c.id = buried.id
                                """).params(tenantId, list, lastChangeNo).update();
    }

    /** Writes the chunks of a document, in order. @return the last number used */
    long insert(JdbcClient jdbc, UUID tenantId, UUID documentId, List<NewChunk> chunks, long lastChangeNo) {
        for (int from = 0; from < chunks.size(); from += ROWS_PER_INSERT) {
            List<NewChunk> page = chunks.subList(from, Math.min(from + ROWS_PER_INSERT, chunks.size()));
            jdbc.sql("""
                            insert into chunks (id, tenant_id, document_id, position, title, text, vector, model, change_no)
                            select g.id, ?, ?, ? + g.n, g.title, g.text, g.vector, g.model, ? + g.n
                              from unnest(?::uuid[], ?::text[], ?::text[], ?::bytea[], ?::text[]) with ordinality
                                as g (id, title, text, vector, model, n)
                            """)
                    .params(
                            tenantId,
                            documentId,
                            from - 1,
                            lastChangeNo + from,
                            page.stream().map(c -> ids.next().toString()).toArray(String[]::new),
                            page.stream().map(NewChunk::title).toArray(String[]::new),
                            page.stream().map(NewChunk::text).toArray(String[]::new),
                            page.stream().map(NewChunk::vector).toArray(byte[][]::new),
                            page.stream().map(NewChunk::model).toArray(String[]::new))
                    .update();
        }
        return lastChangeNo + chunks.size();
    }
}
