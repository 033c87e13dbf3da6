package org.caravanserai.retrieval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Finds the rows that a search is to look at while the tenant's index does not have them: all of a small tenant, else those
 * that have the question's words, those that were written last, and what others name. What they are worth is not said here.
 */
@Component
class RowSearch {

    private static final Logger LOG = LoggerFactory.getLogger(RowSearch.class);

    /** A tenant with so many chunks is searched whole. */
    static final int SMALL = 200;

    private static final int BY_WORDS = 200;
    private static final int EACH_WORD = 500;
    private static final int LONGEST_MILLIS = 1_000;

    private final TenantTransactions transactions;

    RowSearch(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /** Whether all of the tenant's rows are few enough to be searched. */
    boolean isSmall(UUID tenantId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select count(*) from (select 1 from chunks"
                                + " where tenant_id = ? and not deleted limit ?) first")
                        .params(tenantId, SMALL + 1)
                        .query(Integer.class)
                        .single())
                <= SMALL;
    }

    /** Those of the chunks that still stand. */
    Set<UUID> alive(UUID tenantId, Collection<UUID> chunks) {
        return chunks.isEmpty()
                ? Set.of()
                : new HashSet<>(transactions.in(tenantId, jdbc -> jdbc.sql(
                                "select id from chunks where tenant_id = :tenant and id = any (:chunks) and not deleted")
                        .param("tenant", tenantId)
                        .param("chunks", SqlArray.of("uuid", chunks))
                        .query(UUID.class)
                        .list()));
    }

    /** The rows that were written last. */
    List<ChunkRow> newest(UUID tenantId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql(ChunkFeed.COLUMNS
                        + " where c.tenant_id = ? and not c.deleted order by c.change_no desc limit ?")
                .params(tenantId, SMALL)
                .query((row, n) -> ChunkFeed.row(row))
                .list());
    }

    /**
     * Some hundred rows of a tenant that has more.
     *
     * @param beginnings of the question's words
     * @param named what is to be among them, if it still stands
     */
    List<ChunkRow> candidates(UUID tenantId, Collection<String> beginnings, Collection<UUID> named) {
        List<ChunkRow> rows = new ArrayList<>(newest(tenantId));
        Set<UUID> wanted = new LinkedHashSet<>(byWords(tenantId, beginnings));
        wanted.addAll(named);
        rows.forEach(row -> wanted.remove(row.id()));
        if (!wanted.isEmpty()) {
            rows.addAll(transactions.in(tenantId, jdbc -> jdbc.sql(ChunkFeed.COLUMNS
                            + " where c.tenant_id = :tenant and c.id = any (:chunks) and not c.deleted")
                    .param("tenant", tenantId)
                    .param("chunks", SqlArray.of("uuid", wanted))
                    .query((row, n) -> ChunkFeed.row(row))
                    .list()));
        }
        return rows;
    }

    /** Within a second: on a database whose owner may not pass by row-level security, its index of words is of no use. */
    private List<UUID> byWords(UUID tenantId, Collection<String> beginnings) {
        if (beginnings.isEmpty()) {
            return List.of();
        }
        try {
            return transactions.in(tenantId, jdbc -> {
                jdbc.sql("select set_config('statement_timeout', ?, true)")
                        .param(Integer.toString(LONGEST_MILLIS))
                        .query((row, n) -> null)
                        .list();
                return jdbc.sql("select chunk_id from hub_find_words(:beginnings, :each, :limit)")
                        .param("beginnings", SqlArray.of("text", beginnings))
                        .param("each", EACH_WORD)
                        .param("limit", BY_WORDS)
                        .query(UUID.class)
                        .list();
            });
        } catch (DataAccessException late) {
            LOG.debug("The rows of tenant {} were not searched by words in time", tenantId, late);
            return List.of();
        }
    }
}
