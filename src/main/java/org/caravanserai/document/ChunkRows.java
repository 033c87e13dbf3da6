package org.caravanserai.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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

    /** A chunk to be written. @param vector little-endian float32 @param metadata page and headings */
    record NewChunk(String title, String text, byte[] vector, String model, Map<String, Object> metadata) {}

    private final Ids ids;
    private final ObjectMapper json;

    ChunkRows(Ids ids, ObjectMapper json) {
        this.ids = ids;
        this.json = json;
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

    /** Writes the first chunks of a document from its drafts, which are no more then. @return the last number used */
    long insertDrafts(JdbcClient jdbc, UUID documentId, long lastChangeNo) {
        return lastChangeNo + jdbc.sql("""
                                with drafts as (delete from chunk_drafts where document_id = ? returning *)
                                insert into chunks (id, tenant_id, document_id, position, title, text, vector, model, metadata,
                                    change_no)
                                  select id, tenant_id, document_id, position, title, text, vector, model, metadata,
                                      ? + row_number() over (order by position)
                                    from drafts
                                """).params(documentId, lastChangeNo).update();
    }

    /** Writes chunks of a document, in order, from the given position on. @return the last number used */
    long insert(
            JdbcClient jdbc, UUID tenantId, UUID documentId, int position, List<NewChunk> chunks, long lastChangeNo) {
        for (int from = 0; from < chunks.size(); from += ROWS_PER_INSERT) {
            List<NewChunk> page = chunks.subList(from, Math.min(from + ROWS_PER_INSERT, chunks.size()));
            insert(
                    jdbc,
                    "chunks",
                    "change_no, ",
                    "? + g.n, ",
                    page,
                    List.of(lastChangeNo + from, tenantId, documentId, position + from - 1));
        }
        return lastChangeNo + chunks.size();
    }

    /** Keeps chunks that nobody finds yet, from the given position on. */
    void draft(JdbcClient jdbc, UUID tenantId, UUID documentId, int position, List<NewChunk> chunks) {
        insert(jdbc, "chunk_drafts", "", "", chunks, List.of(tenantId, documentId, position - 1));
    }

    private void insert(
            JdbcClient jdbc, String table, String column, String value, List<NewChunk> page, List<Object> firstParams) {
        List<Object> params = new ArrayList<>(firstParams);
        params.add(page.stream().map(c -> ids.next().toString()).toArray(String[]::new));
        params.add(page.stream().map(NewChunk::title).toArray(String[]::new));
        params.add(page.stream().map(NewChunk::text).toArray(String[]::new));
        params.add(page.stream().map(NewChunk::vector).toArray(byte[][]::new));
        params.add(page.stream().map(NewChunk::model).toArray(String[]::new));
        params.add(page.stream().map(c -> write(c.metadata())).toArray(String[]::new));
        jdbc.sql("insert into " + table + " (" + column
                        + "tenant_id, document_id, position, id, title, text, vector, model, metadata) select " + value
                        + """
                        ?, ?, ? + g.n, g.id, g.title, g.text, g.vector, g.model, g.metadata::jsonb
                          from unnest(?::uuid[], ?::text[], ?::text[], ?::bytea[], ?::text[], ?::text[]) with ordinality
                            as g (id, title, text, vector, model, metadata, n)
                        """)
                .params(params)
                .update();
    }

    private String write(Map<String, Object> metadata) {
        try {
            // PostgreSQL keeps no zero character in jsonb
            return json.writeValueAsString(metadata).replace("\\u0000", "");
        } catch (JsonProcessingException notData) {
            throw new IllegalStateException("page and headings can be written as JSON", notData);
        }
    }
}
