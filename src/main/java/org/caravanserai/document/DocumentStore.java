package org.caravanserai.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.Findable;
import org.caravanserai.tenant.Quotas;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** A tenant's documents: accepted here, indexed behind the queue {@code document-index}. */
@Component
public class DocumentStore {

    /** The queue, and the route, that indexes. */
    static final String INDEX_QUEUE = "document-index";

    private static final Logger LOG = LoggerFactory.getLogger(DocumentStore.class);
    private static final String PENDING = "pending";
    private static final String COLUMNS =
            "id, name, media_type, bytes, status, progress, chunk_count, error, created_at, object_key,"
                    + " properties ->> 'title' as title, properties ->> 'author' as author,"
                    + " (properties ->> 'pageCount')::int as page_count";

    private final TenantTransactions transactions;
    private final Quotas quotas;
    private final ObjectStore objects;
    private final ChunkRows chunks;
    private final Wake wake;
    private final Findable findable;
    private final Ids ids;
    private final ObjectMapper json;
    private final DocumentProperties properties;

    DocumentStore(
            TenantTransactions transactions,
            Quotas quotas,
            ObjectStore objects,
            ChunkRows chunks,
            Wake wake,
            Findable findable,
            Ids ids,
            ObjectMapper json,
            DocumentProperties properties) {
        this.transactions = transactions;
        this.quotas = quotas;
        this.objects = objects;
        this.chunks = chunks;
        this.wake = wake;
        this.findable = findable;
        this.ids = ids;
        this.json = json;
        this.properties = properties;
    }

    private record Deleted(String objectKey, long changeNo) {}

    private record Kept(UUID id, String name, String mediaType, ObjectStore.Written object) {}

    /**
     * Takes the files in, all or none of them, and wakes the indexer.
     *
     * @param replace whether older documents of the same name go once the new one is indexed
     * @param metadata kept with each document; its {@code title}, if there, is the documents'; may be null
     * @throws RejectedException 400 for a file without a usable name or of an unsupported kind, 409 for what passes a quota,
     *     413 for one too large
     */
    public List<Stored> accept(UUID tenantId, List<Upload> uploads, boolean replace, Map<String, Object> metadata) {
        return accept(tenantId, uploads, replace, metadata, null);
    }

    /**
     * As {@link #accept(UUID, List, boolean, Map)} for one file that has a fixed id, such as a declarative tenant's. The
     * same bytes under the same id again change nothing ({@code unchanged}); other bytes are indexed in place of the old
     * ones ({@code pending}).
     */
    public Stored acceptAs(UUID tenantId, UUID id, Upload upload) {
        return acceptAs(tenantId, id, upload, null);
    }

    /** As above. @param metadata kept with the document; its {@code title}, if there, is the document's; may be null */
    public Stored acceptAs(UUID tenantId, UUID id, Upload upload, Map<String, Object> metadata) {
        Optional<String> before =
                transactions.in(tenantId, jdbc -> jdbc.sql("select object_key from documents where id = ?")
                        .param(id)
                        .query(String.class)
                        .optional());
        Stored stored = accept(tenantId, List.of(upload), false, metadata, id).getFirst();
        if (stored.status().equals(PENDING)) {
            before.ifPresent(key -> forget(tenantId, key));
        }
        return stored;
    }

    public Optional<DocumentView> get(UUID tenantId, UUID id) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select " + COLUMNS + " from documents where id = ?")
                .param(id)
                .query((row, n) -> view(row))
                .optional());
    }

    /** Newest first. @param before the last id of the page before, or null */
    public List<DocumentView> list(UUID tenantId, UUID before, int limit) {
        return transactions.in(tenantId, jdbc -> jdbc.sql(
                        "select " + COLUMNS + " from documents where id < ?" + " order by id desc limit ?")
                .params(Ids.orGreatest(before), limit)
                .query((row, n) -> view(row))
                .list());
    }

    /**
     * Removes the document, its chunks, and its bytes. From then on no search finds it, on any hub, though indexes may follow
     * a moment later.
     *
     * @throws RejectedException 404 if the tenant has no such document
     */
    public void delete(UUID tenantId, UUID id) {
        Deleted deleted = transactions.in(tenantId, jdbc -> {
            long changeNo = chunks.lock(jdbc, tenantId);
            String objectKey = jdbc.sql("delete from documents where id = ? returning object_key")
                    .param(id)
                    .query(String.class)
                    .optional()
                    .orElseThrow(() -> RejectedException.notFound("The document"));
            long last = chunks.bury(jdbc, tenantId, List.of(id), changeNo);
            chunks.advance(jdbc, tenantId, last);
            return new Deleted(objectKey, last);
        });
        findable.changed(tenantId, deleted.changeNo());
        forget(tenantId, deleted.objectKey());
    }

    /**
     * Indexes the stored bytes again. What is indexed now is found until then.
     *
     * @throws RejectedException 404 if the tenant has no such document
     */
    public DocumentView reindex(UUID tenantId, UUID id) {
        DocumentView view = transactions.in(tenantId, jdbc -> makeDue(jdbc, id));
        wake.up(INDEX_QUEUE, tenantId, id);
        return view;
    }

    /**
     * Indexes all documents of a tenant again, such as after its settings were changed. Each is found as it was until its
     * new chunks take the place of the old ones. The sweep wakes them, some hundred at a time.
     *
     * @return how many; those that wait for their turn already are not counted, those that wait for money are
     */
    public int reindexAll(UUID tenantId) {
        return transactions.in(
                tenantId, jdbc -> jdbc.sql("update documents set status = 'pending', progress = 0, error = null,"
                                + " attempts = 0, deaths = 0, lease_owner = null, due_at = now(), next_wake_at = now(),"
                                + " updated_at = now() where status <> 'pending' or waits_for_budget")
                        .update());
    }

    /** Removes the bytes of all documents of a tenant that is gone. */
    public void forgetTenant(UUID tenantId) {
        try {
            objects.deleteAll(tenantId);
        } catch (IOException left) {
            LOG.warn("Files of the deleted tenant {} could not be removed", tenantId, left);
        }
    }

    /** The tenants that have documents on this hub's disk; none where all hubs share a store. */
    public Set<UUID> tenantsOnDisk() {
        return objects.tenantsOnDisk();
    }

    /** Removes bytes that no row names any more. Left-over bytes cost room, nothing else. */
    void forget(UUID tenantId, String objectKey) {
        try {
            objects.delete(tenantId, objectKey);
        } catch (IOException left) {
            LOG.warn("The file of a deleted document of tenant {} could not be removed", tenantId, left);
        }
    }

    private List<Stored> accept(
            UUID tenantId, List<Upload> uploads, boolean replace, Map<String, Object> metadata, UUID fixedId) {
        if (uploads.isEmpty()) {
            throw RejectedException.field("file", "attach at least one file.");
        }
        for (Upload upload : uploads) {
            DocumentName.mediaType(DocumentName.clean(upload.name()));
        }
        List<Kept> kept = new ArrayList<>();
        List<Stored> stored;
        try {
            for (Upload upload : uploads) {
                kept.add(keep(tenantId, upload));
            }
            stored = transactions.in(tenantId, jdbc -> {
                if (fixedId == null) { // else the operator's file names it
                    reserve(jdbc, kept, replace, metadata);
                }
                return kept.stream()
                        .map(k -> insert(jdbc, tenantId, k, replace, metadata, fixedId))
                        .toList();
            });
        } catch (RuntimeException failed) {
            kept.forEach(k -> forget(tenantId, k.id().toString()));
            throw failed;
        }
        for (int i = 0; i < stored.size(); i++) {
            if (stored.get(i).status().equals(PENDING)) {
                wake.up(INDEX_QUEUE, tenantId, stored.get(i).id());
            } else {
                forget(tenantId, kept.get(i).id().toString());
            }
        }
        return stored;
    }

    private void reserve(JdbcClient jdbc, List<Kept> kept, boolean replace, Map<String, Object> metadata) {
        long metadataBytes = write(metadata).getBytes(StandardCharsets.UTF_8).length;
        long bytes =
                kept.stream().mapToLong(k -> k.object().bytes() + metadataBytes).sum();
        List<String> replaced =
                replace ? kept.stream().map(Kept::name).distinct().toList() : List.of();
        quotas.reserveDocuments(jdbc, replaced, kept.size(), bytes);
    }

    private Kept keep(UUID tenantId, Upload upload) {
        UUID id = ids.next();
        String name = DocumentName.clean(upload.name());
        try (InputStream content = upload.content().open()) {
            return new Kept(
                    id,
                    name,
                    DocumentName.mediaType(name),
                    objects.put(
                            tenantId,
                            id.toString(),
                            content,
                            properties.maxFileSize().toBytes()));
        } catch (IOException failed) {
            throw new RetryableException("The file could not be stored. Try again in a moment.", failed);
        }
    }

    private Stored insert(
            JdbcClient jdbc, UUID tenantId, Kept kept, boolean replace, Map<String, Object> metadata, UUID fixedId) {
        boolean unchanged = fixedId != null
                && jdbc.sql("select sha256 = ? and name = ? and status <> 'failed' from documents where id = ?")
                        .params(kept.object().sha256(), kept.name(), fixedId)
                        .query(Boolean.class)
                        .optional()
                        .orElse(false);
        if (unchanged) {
            return new Stored(fixedId, kept.name(), "unchanged");
        }
        UUID id = fixedId == null ? kept.id() : fixedId;
        jdbc.sql("""
                        insert into documents (id, tenant_id, name, media_type, bytes, sha256, object_key, replaces, metadata,
                            due_at, next_wake_at)
                          values (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, now(), now() + interval '5 seconds')
                          on conflict (id) do update set name = excluded.name, media_type = excluded.media_type,
                            metadata = excluded.metadata,
                            bytes = excluded.bytes, sha256 = excluded.sha256, object_key = excluded.object_key,
                            status = 'pending', progress = 0, error = null, attempts = 0, deaths = 0, lease_owner = null,
                            due_at = now(), next_wake_at = now() + interval '5 seconds', updated_at = now()
                        """)
                .params(
                        id,
                        tenantId,
                        kept.name(),
                        kept.mediaType(),
                        kept.object().bytes(),
                        kept.object().sha256(),
                        kept.id().toString(),
                        replace,
                        write(metadata))
                .update();
        return new Stored(id, kept.name(), PENDING);
    }

    static DocumentView makeDue(JdbcClient jdbc, UUID id) {
        return jdbc.sql("update documents set status = 'pending', progress = 0, error = null, attempts = 0, deaths = 0,"
                        + " lease_owner = null, due_at = now(), next_wake_at = now() + interval '5 seconds',"
                        + " updated_at = now() where id = ? returning " + COLUMNS)
                .param(id)
                .query((row, n) -> view(row))
                .optional()
                .orElseThrow(() -> RejectedException.notFound("The document"));
    }

    /** The document as the API shows it, from a row of its columns. */
    static Optional<DocumentView> view(JdbcClient jdbc, UUID id) {
        return jdbc.sql("select " + COLUMNS + " from documents where id = ?")
                .param(id)
                .query((row, n) -> view(row))
                .optional();
    }

    private static DocumentView view(ResultSet row) throws SQLException {
        return new DocumentView(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("media_type"),
                row.getLong("bytes"),
                row.getString("status"),
                row.getDouble("progress"),
                row.getInt("chunk_count"),
                row.getString("error"),
                row.getString("title"),
                row.getString("author"),
                row.getObject("page_count", Integer.class),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }

    private String write(Map<String, Object> metadata) {
        try {
            return json.writeValueAsString(metadata == null ? Map.of() : metadata);
        } catch (JsonProcessingException notData) {
            throw new IllegalArgumentException("metadata must be writable as JSON", notData);
        }
    }
}
