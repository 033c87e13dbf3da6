package org.caravanserai.retrieval;

import dev.langchain4j.model.embedding.EmbeddingModel;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.lucene.document.Document;
import org.apache.lucene.search.IndexSearcher;
import org.caravanserai.failure.BudgetUsedUpException;
import org.caravanserai.failure.HubException;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.TenantIndexes.Fit;
import org.caravanserai.retrieval.store.VectorStore;
import org.caravanserai.tenant.TenantSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.stereotype.Component;

/** Finds a tenant's passages for a question, by meaning and by words together. */
@Component
public class Retriever {

    private static final Logger LOG = LoggerFactory.getLogger(Retriever.class);

    /** How much of a question is searched for; the rest adds cost, not sense. In characters. */
    public static final int MAX_QUESTION = 2_000;

    private static final int LEG_DEPTH = 100;
    private static final int MAX_BEGINNINGS = 16;
    private static final Duration LONGEST_BUILT = Duration.ofHours(1);

    private final TenantIndexes indexes;
    private final IndexFollower follower;
    private final ChunkFeed feed;
    private final RowSearch rows;
    private final Terms terms;
    private final EmbeddingModel embeddings;
    private final Reranking reranking;
    private final RetrievalProperties properties;
    private final RerankProperties rerankProperties;
    private final VectorLeg vectors;
    private final VectorStore store;
    private final ProcessorThreads searchThreads;
    private final QuestionsFirst questionsFirst;
    private final MeterRegistry meters;

    Retriever(
            TenantIndexes indexes,
            IndexFollower follower,
            ChunkFeed feed,
            RowSearch rows,
            Terms terms,
            EmbeddingModel embeddings,
            Reranking reranking,
            RetrievalProperties properties,
            RerankProperties rerankProperties,
            VectorLeg vectors,
            VectorStore store,
            ProcessorThreads searchThreads,
            QuestionsFirst questionsFirst,
            MeterRegistry meters) {
        this.indexes = indexes;
        this.follower = follower;
        this.feed = feed;
        this.rows = rows;
        this.terms = terms;
        this.embeddings = embeddings;
        this.reranking = reranking;
        this.properties = properties;
        this.rerankProperties = rerankProperties;
        this.vectors = vectors;
        this.store = store;
        this.searchThreads = searchThreads;
        this.questionsFirst = questionsFirst;
        this.meters = meters;
    }

    /**
     * A passage, and how sure it is that it has to do with the question.
     *
     * @param relevance {@link Relevance}, 0 to 1
     * @param isReranked whether the passage's score is the reranker's
     */
    public record Found(Passage passage, double relevance, boolean isReranked) {

        Found reranked(double score) {
            return new Found(passage.withScore(score), relevance, true);
        }

        Found scored(double score) {
            return new Found(passage.withScore(score), relevance, false);
        }

        Found withText(String text) {
            return new Found(passage.withText(text), relevance, isReranked);
        }
    }

    /**
     * What is looked for.
     *
     * @param settings the tenant's: how to search, what a search may cost, what must not leave the hub
     * @param hide takes the last out of a text, before somebody outside reranks it
     */
    public record Sought(UUID tenantId, String text, TenantSettings settings, UnaryOperator<String> hide) {

        TenantSettings.Retrieval retrieval() {
            return settings.retrievalOrDefault();
        }
    }

    /**
     * The best passages, whether they fit or not; by words alone where the question cannot be embedded.
     *
     * @param topK 1 to 100
     * @throws HubException if it could not be embedded and the words find nothing; not for want of budget
     */
    public List<Passage> search(Sought sought, int topK) {
        String text = bound(sought.text());
        float[] vector = null;
        if (!text.isEmpty()) {
            try {
                vector = embeddings
                        .embed(TenantText.of(sought.tenantId(), sought.settings(), text))
                        .content()
                        .vector();
            } catch (RetryableException | PermanentException missing) {
                return byWords(missing, () -> passages(find(sought, null, topK, true)));
            }
        }
        return passages(find(sought, vector, topK, true));
    }

    /**
     * Searches by words alone, since the question could not be embedded.
     *
     * @throws HubException the one given, if nothing is found, so that who asked may try again; not for want of budget, which
     *     another try does not bring back
     */
    public List<Passage> byWords(HubException missing, Supplier<List<Passage>> search) {
        if (Thread.currentThread().isInterrupted()) {
            throw missing;
        }
        meters.counter("hub.retrieval.by.words", "cause", cause(missing)).increment();
        // a budget stays used up for days, and its tenant was told by an event
        LOG.atLevel(missing instanceof BudgetUsedUpException ? Level.DEBUG : Level.WARN)
                .log("A search goes by words alone: {}", missing.getMessage());
        List<Passage> found = search.get();
        if (found.isEmpty() && !(missing instanceof BudgetUsedUpException)) {
            throw missing;
        }
        return found;
    }

    private static String cause(HubException missing) {
        return missing instanceof BudgetUsedUpException ? "budget" : "embeddings";
    }

    /** As above, where nothing is to be hidden. */
    public List<Passage> search(UUID tenantId, String query, TenantSettings.Retrieval settings, int topK) {
        return search(open(tenantId, query, settings), topK);
    }

    /** As above, with the query's vector at hand; null leaves the vector leg out. */
    public List<Passage> search(
            UUID tenantId, String query, float[] vector, TenantSettings.Retrieval settings, int topK) {
        return passages(find(open(tenantId, query, settings), vector, topK, true));
    }

    /** As above, with how sure each passage is. @param rerank false leaves the fused order as it is */
    public List<Found> find(
            UUID tenantId, String query, float[] vector, TenantSettings.Retrieval settings, int topK, boolean rerank) {
        return find(open(tenantId, query, settings), vector, topK, rerank);
    }

    private List<Found> find(Sought sought, float[] vector, int topK, boolean rerank) {
        return questionsFirst.ask(() -> best(sought, vector, topK, rerank));
    }

    private List<Found> best(Sought sought, float[] vector, int topK, boolean rerank) {
        int wanted = Math.clamp(topK, 1, LEG_DEPTH);
        if (!rerank || !reranking.isOn()) {
            return hits(sought, vector, wanted);
        }
        // asked outside the index and outside any transaction: it is a call over the network
        List<Found> fused = hits(sought, vector, Math.max(wanted, reranking.depth()));
        return reranking.apply(bound(sought.text()), fused, sought.hide()).stream()
                .limit(wanted)
                .toList();
    }

    private static Sought open(UUID tenantId, String query, TenantSettings.Retrieval settings) {
        return new Sought(tenantId, query, TenantSettings.NONE.withRetrieval(settings), UnaryOperator.identity());
    }

    private static List<Passage> passages(List<Found> found) {
        return found.stream().map(Found::passage).toList();
    }

    /**
     * The best passages that have to do with the question, the surest first; empty means "I don't know". They are chosen
     * by the fused score and ordered by {@link Relevance}: normalised scores exaggerate small differences between few
     * passages, and what answers best must stand first. A reranker's order stands as it is. None is there twice, and
     * neighbours are one.
     *
     * @param vector of the question; null leaves the vector leg out
     */
    public List<Passage> relevant(Sought sought, float[] vector) {
        TenantSettings.Retrieval settings = sought.retrieval();
        double least = settings.minScore() == null ? properties.minScore() : settings.minScore();
        // twice as many, so that duplicates leave enough of the others
        List<Found> found = Neighbours.distinct(find(sought, vector, 2 * settings.topK(), true)).stream()
                .limit(settings.topK())
                .filter(one -> one.relevance() >= least)
                .filter(one -> !one.isReranked() || one.passage().score() >= rerankProperties.minScore())
                .sorted(Comparator.comparingDouble(one -> one.isReranked() ? -1 : -one.relevance()))
                .toList();
        return passages(Neighbours.join(found));
    }

    /** Whether a reranker is configured. */
    public boolean canRerank() {
        return reranking.isOn();
    }

    /** How much room the tenant's index takes on this hub's disk, in bytes. */
    public long bytesOnDisk(UUID tenantId) {
        return indexes.bytes(tenantId);
    }

    /** Waits, for as long as an hour, until the tenant's index holds all of its rows; searches do not. */
    public void awaitIndex(UUID tenantId) {
        if (!follower.awaitFollowed(tenantId, LONGEST_BUILT)) {
            throw new IllegalStateException("The index of tenant " + tenantId + " was not built within an hour.");
        }
    }

    /** Removes the index of a tenant that is gone, and what the vector store has of it. */
    public void forgetTenant(UUID tenantId) {
        indexes.drop(tenantId);
        store.forgetTenant(tenantId);
    }

    /** The tenants that have an index on this hub's disk. */
    public Set<UUID> tenantsOnDisk() {
        return indexes.onDisk();
    }

    /** The part of a question that is searched for, stripped; empty if that has nothing to search for. */
    public static String bound(String question) {
        String text = question.strip().trim(); // trim takes control characters too, of which the model makes nothing
        if (text.length() > MAX_QUESTION) {
            int end = Character.isHighSurrogate(text.charAt(MAX_QUESTION - 1)) ? MAX_QUESTION - 1 : MAX_QUESTION;
            text = text.substring(0, end);
        }
        return Searchable.isIn(text) ? text : "";
    }

    /** Of the index if it holds all; else of the rows, or of both. */
    private List<Found> hits(Sought sought, float[] vector, int wanted) {
        UUID tenantId = sought.tenantId();
        ChunkFeed.Clock clock = feed.clock(tenantId);
        if (clock.changeNo() == 0) {
            return List.of();
        }
        try (TenantIndexes.View view = indexes.view(tenantId, clock)) {
            if (view.fit() == Fit.CURRENT) {
                return indexed(view, sought, vector, wanted);
            }
            follower.follow(tenantId, clock.changeNo());
            List<Found> indexed = List.of();
            if (!rows.isSmall(tenantId)) {
                indexed = view.fit() == Fit.NONE ? List.of() : indexed(view, sought, vector, wanted);
                // what was deleted or replaced since must not be found, and what stands in its place must
                if (view.fit() == Fit.NEAR && rows.alive(tenantId, ids(indexed)).size() == indexed.size()) {
                    return indexed;
                }
            }
            return inRows(sought, vector, wanted, clock, indexed);
        } catch (IOException damaged) {
            follower.follow(tenantId, clock.changeNo());
            return inRows(sought, vector, wanted, clock, List.of());
        }
    }

    private List<Found> indexed(TenantIndexes.View view, Sought sought, float[] vector, int wanted) throws IOException {
        float[] comparable = view.answersVectors() || !vectors.isEmbedded() ? vector : null;
        return view.search(searcher -> onThreads(() -> hits(searcher, sought, comparable, wanted)));
    }

    /** A store outside is waited for, which must not keep a processor's thread. */
    private <T> T onThreads(ProcessorThreads.Work<T, IOException> search) throws IOException {
        return vectors.isEmbedded() ? searchThreads.run(search) : search.run();
    }

    /** The rows that may answer, indexed for this one search and weighed as always. */
    private List<Found> inRows(Sought sought, float[] vector, int wanted, ChunkFeed.Clock clock, List<Found> indexed) {
        meters.counter("hub.retrieval.by.rows").increment();
        UUID tenantId = sought.tenantId();
        String text = bound(sought.text());
        String language = terms.languageOf(text, terms.language(clock.language()));
        List<ChunkRow> found = rows.isSmall(tenantId)
                ? rows.newest(tenantId)
                : rows.candidates(
                        tenantId, terms.beginnings(text, language, MAX_BEGINNINGS), named(sought, vector, indexed));
        try (TenantIndex index = TenantIndex.inMemory(terms, indexes.made(clock))) {
            searchThreads.run(() -> {
                index.applyAs(found, language);
                index.showPart();
                return null;
            });
            IndexSearcher searcher = index.acquire();
            try {
                return onThreads(() -> hits(searcher, sought, vector, wanted));
            } finally {
                index.release(searcher);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("an index in memory can be read and written", impossible);
        }
    }

    private Set<UUID> named(Sought sought, float[] vector, List<Found> indexed) {
        Set<UUID> named = new LinkedHashSet<>(ids(indexed));
        if (vector != null && !vectors.isEmbedded()) {
            named.addAll(vectors.outside(sought.tenantId(), vector, LEG_DEPTH));
        }
        return named;
    }

    private static List<UUID> ids(List<Found> found) {
        return found.stream().map(one -> one.passage().chunkId()).toList();
    }

    private List<Found> hits(IndexSearcher searcher, Sought sought, float[] vector, int wanted) throws IOException {
        Keywords keywords = Keywords.of(bound(sought.text()), searcher, terms);
        Legs legs = Legs.search(vectors, sought.tenantId(), searcher, vector, keywords, LEG_DEPTH);
        // without a vector the words count alone, however little the tenant lets them count beside one
        Map<Integer, Double> fused = vector == null
                ? Fusion.fuseWeighted(legs, sought.retrieval().fusion(), 0, 1)
                : Fusion.fuse(legs, sought.retrieval());
        List<Map.Entry<Integer, Double>> best = fused.entrySet().stream()
                .sorted(Map.Entry.<Integer, Double>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(wanted)
                .toList();
        List<Found> found = new ArrayList<>(best.size());
        for (Map.Entry<Integer, Double> entry : best) {
            found.add(hit(searcher, entry, legs, keywords));
        }
        return found;
    }

    private static Found hit(IndexSearcher searcher, Map.Entry<Integer, Double> fused, Legs legs, Keywords keywords)
            throws IOException {
        Document stored = searcher.storedFields().document(fused.getKey());
        Float cosine = legs.near().get(fused.getKey());
        Float bm25 = legs.matching().get(fused.getKey());
        String text = stored.get(TenantIndex.TEXT);
        String[] headings = stored.getValues(TenantIndex.HEADING);
        Passage passage = new Passage(
                TenantIndex.uuid(stored, TenantIndex.ID),
                TenantIndex.uuid(stored, TenantIndex.DOCUMENT_ID),
                stored.get(TenantIndex.NAME),
                stored.getField(TenantIndex.POSITION).numericValue().intValue(),
                stored.get(TenantIndex.PAGE),
                headings.length == 0 ? null : List.of(headings),
                text,
                Math.clamp(fused.getValue(), 0, 1),
                cosine == null ? null : cosine.doubleValue(),
                bm25 == null ? null : bm25.doubleValue());
        Float known = cosine == null ? legs.otherCosines().get(fused.getKey()) : cosine;
        double relevance = keywords.relevance(
                known == null ? null : known.doubleValue(),
                stored.get(TenantIndex.LANGUAGE),
                stored.get(TenantIndex.TITLE) + "\n" + text);
        return new Found(passage, relevance, false);
    }
}
