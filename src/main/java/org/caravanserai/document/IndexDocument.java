package org.caravanserai.document;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.caravanserai.document.Chunker.Chunk;
import org.caravanserai.document.DocumentRows.Claimed;
import org.caravanserai.document.DocumentRows.InPlace;
import org.caravanserai.document.DocumentRows.Outcome;
import org.caravanserai.failure.BudgetUsedUpException;
import org.caravanserai.failure.DeadlineException;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.retrieval.Findable;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.ComputePool;
import org.caravanserai.work.Job;
import org.caravanserai.work.WorkKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Reads, cuts, embeds and stores a document that is due. Embedding runs outside any transaction; all chunks appear in
 * one, so that a search finds either the earlier text or the new one; then it is indexed once searches on this hub find it.
 * Killed in the middle, it goes on where it was.
 */
@Component("indexDocument")
public class IndexDocument {

    private static final Logger LOG = LoggerFactory.getLogger(IndexDocument.class);

    private static final int MOST_HEADINGS = 100;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final DocumentRows rows;
    private final ClaimDocument claims;
    private final DocumentStore documents;
    private final ObjectStore objects;
    private final DocumentReader reader;
    private final Chunker chunker;
    private final EmbeddingModel embeddings;
    private final Wake wake;
    private final Findable findable;
    private final DocumentProperties properties;
    private final ComputePool compute;
    private final ObjectProvider<CamelContext> camel;
    private final InFlight inFlight;
    private final Suspects suspects;
    private final WakeLater wakeLater;
    private final AtomicReference<UUID> lastTenant = new AtomicReference<>(new UUID(0, 0));

    IndexDocument(
            DocumentRows rows,
            ClaimDocument claims,
            DocumentStore documents,
            ObjectStore objects,
            DocumentReader reader,
            Chunker chunker,
            EmbeddingModel embeddings,
            Wake wake,
            Findable findable,
            DocumentProperties properties,
            ComputePool compute,
            ObjectProvider<CamelContext> camel,
            InFlight inFlight,
            Suspects suspects,
            WakeLater wakeLater) {
        this.inFlight = inFlight;
        this.suspects = suspects;
        this.wakeLater = wakeLater;
        this.rows = rows;
        this.claims = claims;
        this.documents = documents;
        this.objects = objects;
        this.reader = reader;
        this.chunker = chunker;
        this.embeddings = embeddings;
        this.wake = wake;
        this.findable = findable;
        this.properties = properties;
        this.compute = compute;
        this.camel = camel;
    }

    /**
     * Takes the document that is due and whose tenant's turn it is, for one wake-up one document, whichever it names: so who
     * uploads without end delays nobody else. Takes the named one if there is no other.
     */
    public void indexInTurn(String wakeUp) {
        Optional<WakeUp> next = claims.next(lastTenant.get(), inFlight.rows(WorkKind.DOCUMENT));
        next.ifPresent(document -> lastTenant.set(document.tenantId()));
        if (next.isEmpty() || !index(next.get())) {
            index(WakeUp.parse(wakeUp));
        }
    }

    /** Takes the document that the wake-up names, if it is due and nobody alive has it. */
    public void index(String wakeUp) {
        index(WakeUp.parse(wakeUp));
    }

    /** @return false if it is not to be had */
    private boolean index(WakeUp document) {
        InFlight.Held held = inFlight.hold(WorkKind.DOCUMENT, document.id()).orElse(null);
        if (held == null) {
            return false;
        }
        try (held) {
            boolean isStuck = inFlight.isStuck(document.id());
            Optional<Claimed> claimed =
                    claims.claim(document.tenantId(), document.id(), inFlight.isUnended(document.id()), isStuck);
            claimed.ifPresent(one -> begin(one, held, isStuck));
            return claimed.isPresent();
        } catch (RuntimeException | Error unrecorded) {
            inFlight.blame(held, unrecorded);
            throw unrecorded;
        }
    }

    private void begin(Claimed document, InFlight.Held held, boolean isStuck) {
        if (document.deaths() >= properties.maxAttempts()) {
            inFlight.forget(document.id());
            finish(
                    document,
                    rows.giveUp(
                            document,
                            "Indexing was tried " + document.deaths() + " times and broke off each time. Split the"
                                    + " document, or ask for it to be indexed again."));
        } else if (isStuck) {
            LOG.debug("Document {} is not let go of by a thread; that counts once more", document.id());
        } else if (suspects.enter(held, document.deaths())) {
            work(document, held);
        } else {
            rows.putBack(document);
            wakeLater.at(
                    DocumentStore.INDEX_QUEUE,
                    new WakeUp(document.tenantId(), document.id()),
                    Instant.now().plusSeconds(1));
        }
    }

    private void work(Claimed document, InFlight.Held held) {
        Outcome outcome;
        try {
            outcome = document.storedChange() == null
                    ? embedAndStore(document, held)
                    : onceFound(document, held, document.storedChange());
        } catch (BudgetUsedUpException used) {
            outcome = rows.awaitBudget(document, used);
        } catch (DeadlineException endless) {
            outcome = rows.fail(document, "Cutting the text into chunks takes too long. Split the document.");
        } catch (PermanentException | RejectedException permanent) {
            outcome = rows.fail(document, permanent.getMessage());
        } catch (NoSuchFileException gone) {
            outcome = rows.fail(document, "The stored file is gone. Upload the document again.");
        } catch (IOException | RuntimeException | Error passing) {
            boolean isStop = !held.wasOverdue() && stopping();
            outcome = isStop ? rows.release(document) : retryLater(document, passing);
        }
        finish(document, outcome);
    }

    private void finish(Claimed document, Outcome outcome) {
        outcome.objectsToForget().forEach(key -> documents.forget(document.tenantId(), key));
        outcome.event().ifPresent(event -> wake.up("webhook-fan-out", document.tenantId(), event));
        if (outcome.leaseLost()) {
            // somebody asked for it again meanwhile: that wake-up was dropped because we still had it
            wake.up(DocumentStore.INDEX_QUEUE, document.tenantId(), document.id());
        }
    }

    private Outcome retryLater(Claimed document, Throwable passing) {
        LOG.warn("Document {} could not be indexed, attempt {}", document.id(), document.attempts(), passing);
        return document.attempts() < properties.maxAttempts()
                ? rows.postpone(document, asked(passing))
                : rows.fail(document, "Indexing failed. Ask for it to be indexed again; the log says why it did.");
    }

    private static Duration asked(Throwable passing) {
        return passing instanceof RetryableException busy ? busy.retryAfter().orElse(Duration.ZERO) : Duration.ZERO;
    }

    private Outcome embedAndStore(Claimed document, InFlight.Held held) throws IOException {
        Optional<DocumentText> read;
        try (InputStream content = objects.open(document.tenantId(), document.objectKey())) {
            read = reader.read(document.name(), document.mediaType(), content, givesUp(document));
        }
        if (read.isEmpty()) {
            return leave(document);
        }
        DocumentText text = document.title() == null ? read.get() : read.get().titled(document.title());
        List<Chunk> parts = compute.run(
                Job.backlog("chunks", document.tenantId()),
                () -> chunker.split(
                        text, document.mediaType(), document.settings().chunkingOrDefault(), properties.maxChunks()));
        OptionalInt before = rows.resume(document, key(parts));
        if (before.isEmpty()) {
            return Outcome.LOST;
        }
        // the last batch is never kept as a draft: most documents have no other
        int done = before.getAsInt();
        while (parts.size() - done > properties.batchSize()) {
            if (stopping()) {
                return leave(document);
            }
            List<ChunkRows.NewChunk> batch = embed(document, parts.subList(done, done + properties.batchSize()));
            double progress = (double) (done + batch.size()) / (parts.size() + 1);
            if (!rows.draft(document, done, batch, progress)) {
                return Outcome.LOST;
            }
            held.touch();
            done += batch.size();
        }
        if (stopping()) {
            return leave(document);
        }
        Optional<InPlace> inPlace =
                rows.store(document, done, embed(document, parts.subList(done, parts.size())), facts(text));
        if (inPlace.isEmpty()) {
            return Outcome.LOST;
        }
        inPlace.get().objectsToForget().forEach(key -> documents.forget(document.tenantId(), key));
        return onceFound(document, held, inPlace.get().changeNo());
    }

    /** Its chunks are there; it is indexed when searches find them. */
    private Outcome onceFound(Claimed document, InFlight.Held held, long changeNo) {
        while (!findable.await(document.tenantId(), changeNo, LOOK_EVERY)) {
            if (stopping()) {
                return rows.leaveInPlace(document);
            }
            held.touch(); // an index that is built anew takes its time
            if (!rows.keeps(document)) {
                return Outcome.LOST;
            }
        }
        return rows.indexed(document);
    }

    private Outcome leave(Claimed document) {
        return stopping() ? rows.release(document) : Outcome.LOST;
    }

    private List<ChunkRows.NewChunk> embed(Claimed document, List<Chunk> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        var vectors = embeddings
                .embedAll(batch.stream()
                        .map(part -> TenantText.of(
                                document.tenantId(), document.settings(), part.title() + "\n" + part.text()))
                        .toList())
                .content();
        List<ChunkRows.NewChunk> chunks = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            Chunk part = batch.get(i);
            chunks.add(new ChunkRows.NewChunk(
                    part.title(), part.text(), bytes(vectors.get(i).vector()), embeddings.modelName(), facts(part)));
        }
        return chunks;
    }

    private static Map<String, Object> facts(Chunk part) {
        Map<String, Object> facts = new LinkedHashMap<>();
        if (part.page() != null) {
            facts.put("page", part.page());
        }
        if (!part.headings().isEmpty()) {
            facts.put("headings", part.headings());
        }
        return facts;
    }

    private static Map<String, Object> facts(DocumentText text) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("title", text.title());
        if (!text.author().isEmpty()) {
            facts.put("author", text.author());
        }
        if (text.pages() > 0) {
            facts.put("pageCount", text.pages());
        }
        List<String> headings = new Outline(text).headings(MOST_HEADINGS);
        if (!headings.isEmpty()) {
            facts.put("headings", headings);
        }
        return facts;
    }

    /** Tells the same chunks for the same model: then what was embedded before this attempt is still of use. */
    private byte[] key(List<Chunk> parts) {
        MessageDigest digest = ObjectFiles.sha256();
        digest.update(embeddings.modelName().getBytes(StandardCharsets.UTF_8));
        for (Chunk part : parts) {
            for (String field : List.of(part.title(), part.text(), facts(part).toString())) {
                digest.update((byte) 0);
                digest.update(field.getBytes(StandardCharsets.UTF_8));
            }
        }
        return digest.digest();
    }

    /** Whether reading is to be given up: the hub stops or, asked of the database once a second, somebody took it away. */
    private BooleanSupplier givesUp(Claimed document) {
        AtomicLong looked = new AtomicLong(System.nanoTime());
        return () -> {
            if (stopping()) {
                return true;
            }
            if (System.nanoTime() - looked.get() < LOOK_EVERY.toNanos()) {
                return false;
            }
            looked.set(System.nanoTime());
            return !rows.holds(document);
        };
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
