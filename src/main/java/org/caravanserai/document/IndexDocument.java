package org.caravanserai.document;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.caravanserai.document.DocumentRows.Claimed;
import org.caravanserai.document.DocumentRows.Outcome;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeUp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Reads, cuts, embeds and stores a document that is due. Embedding runs outside any transaction; all chunks appear in
 * one, so that a search finds either the earlier text or the new one. Killed in the middle, it is done again.
 */
@Component("indexDocument")
public class IndexDocument {

    private static final Logger LOG = LoggerFactory.getLogger(IndexDocument.class);

    private final DocumentRows rows;
    private final DocumentStore documents;
    private final ObjectStore objects;
    private final DocumentReader reader;
    private final Chunker chunker;
    private final EmbeddingModel embeddings;
    private final Wake wake;
    private final DocumentProperties properties;
    private final ObjectProvider<CamelContext> camel;
    private final Set<UUID> inFlight = ConcurrentHashMap.newKeySet();

    IndexDocument(
            DocumentRows rows,
            DocumentStore documents,
            ObjectStore objects,
            DocumentReader reader,
            Chunker chunker,
            EmbeddingModel embeddings,
            Wake wake,
            DocumentProperties properties,
            ObjectProvider<CamelContext> camel) {
        this.rows = rows;
        this.documents = documents;
        this.objects = objects;
        this.reader = reader;
        this.chunker = chunker;
        this.embeddings = embeddings;
        this.wake = wake;
        this.properties = properties;
        this.camel = camel;
    }

    /** Takes the document that the wake-up names, if it is due and nobody alive has it. */
    public void index(String wakeUp) {
        WakeUp document = WakeUp.parse(wakeUp);
        if (!inFlight.add(document.id())) {
            return;
        }
        try {
            rows.claim(document.tenantId(), document.id()).ifPresent(this::work);
        } finally {
            inFlight.remove(document.id());
        }
    }

    private void work(Claimed document) {
        Outcome outcome;
        try {
            outcome = document.attempts() > properties.maxAttempts()
                    ? rows.fail(
                            document,
                            "Indexing was tried " + properties.maxAttempts() + " times and broke off each"
                                    + " time. Split the document, or ask for it to be indexed again.")
                    : embedAndStore(document);
        } catch (PermanentException | RejectedException permanent) {
            outcome = rows.fail(document, permanent.getMessage());
        } catch (NoSuchFileException gone) {
            outcome = rows.fail(document, "The stored file is gone. Upload the document again.");
        } catch (IOException | RuntimeException passing) {
            outcome = stopping() ? rows.release(document) : retryLater(document, passing);
        }
        outcome.objectsToForget().forEach(key -> documents.forget(document.tenantId(), key));
        outcome.event().ifPresent(event -> wake.up("webhook-fan-out", document.tenantId(), event));
        if (outcome.leaseLost()) {
            // somebody asked for it again meanwhile: that wake-up was dropped because we still had it
            wake.up(DocumentStore.INDEX_QUEUE, document.tenantId(), document.id());
        }
    }

    private Outcome retryLater(Claimed document, Exception passing) {
        LOG.warn("Document {} could not be indexed, attempt {}", document.id(), document.attempts(), passing);
        return document.attempts() < properties.maxAttempts()
                ? rows.postpone(document)
                : rows.fail(document, "Indexing failed. Ask for it to be indexed again; the log says why it did.");
    }

    private Outcome embedAndStore(Claimed document) throws IOException {
        Optional<DocumentText> read;
        try (InputStream content = objects.open(document.tenantId(), document.objectKey())) {
            read = reader.read(document.name(), document.mediaType(), content, this::stopping);
        }
        if (read.isEmpty()) {
            return rows.release(document);
        }
        DocumentText text = document.title() == null ? read.get() : read.get().titled(document.title());
        List<String> parts = chunker.split(text, document.settings().chunkingOrDefault(), properties.maxChunks());
        List<ChunkRows.NewChunk> chunks = new ArrayList<>(parts.size());
        while (chunks.size() < parts.size()) {
            if (stopping()) {
                return rows.release(document);
            }
            List<String> batch =
                    parts.subList(chunks.size(), Math.min(chunks.size() + properties.batchSize(), parts.size()));
            embed(document.tenantId(), text.title(), batch, chunks);
            if (!rows.progress(document, (double) chunks.size() / (parts.size() + 1))) {
                return Outcome.LOST;
            }
        }
        return rows.store(document, chunks);
    }

    private void embed(UUID tenantId, String title, List<String> batch, List<ChunkRows.NewChunk> into) {
        var vectors = embeddings
                .embedAll(batch.stream()
                        .map(part -> TenantText.of(tenantId, title + "\n" + part))
                        .toList())
                .content();
        for (int i = 0; i < batch.size(); i++) {
            into.add(new ChunkRows.NewChunk(
                    title, batch.get(i), bytes(vectors.get(i).vector()), embeddings.modelName()));
        }
    }

    private static byte[] bytes(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.array();
    }

    private boolean stopping() {
        CamelContext context = camel.getIfAvailable();
        return Thread.currentThread().isInterrupted() || context != null && context.isStopping();
    }
}
