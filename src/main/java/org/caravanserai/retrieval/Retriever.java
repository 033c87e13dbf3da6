package org.caravanserai.retrieval;

import dev.langchain4j.model.embedding.EmbeddingModel;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
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

    private final TenantIndexes indexes;
    private final Terms terms;
    private final EmbeddingModel embeddings;
    private final Reranking reranking;
    private final RetrievalProperties properties;
    private final RerankProperties rerankProperties;
    private final VectorLeg vectors;
    private final VectorStore store;
    private final ProcessorThreads searchThreads;
    private final MeterRegistry meters;

    Retriever(
            TenantIndexes indexes,
            Terms terms,
            EmbeddingModel embeddings,
            Reranking reranking,
            RetrievalProperties properties,
            RerankProperties rerankProperties,
            VectorLeg vectors,
            VectorStore store,
            ProcessorThreads searchThreads,
            MeterRegistry meters) {
        this.indexes = indexes;
        this.terms = terms;
        this.embeddings = embeddings;
        this.reranking = reranking;
        this.properties = properties;
        this.rerankProperties = rerankProperties;
        this.vectors = vectors;
        this.store = store;
        this.searchThreads = searchThreads;
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

    /** Removes the index of a tenant that is gone, and what the vector store has of it. */
    public void forgetTenant(UUID tenantId) {
        indexes.drop(tenantId);
        store.forgetTenant(tenantId);
    }

    /** The tenants that have an index on this hub's disk. */
    public Set<UUID> tenantsOnDisk() {
        return indexes.onDisk();
    }

    /** The part of a question that is searched for, stripped. */
    public static String bound(String question) {
        String text = question.strip().trim(); // trim takes control characters too, of which the model makes nothing
        if (text.length() <= MAX_QUESTION) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_QUESTION - 1)) ? MAX_QUESTION - 1 : MAX_QUESTION;
        return text.substring(0, end);
    }

    private List<Found> hits(Sought sought, float[] vector, int wanted) {
        return indexes.search(
                sought.tenantId(),
                // a store outside is waited for, which must not keep a processor's thread
                searcher -> vectors.isEmbedded()
                        ? searchThreads.run(() -> hits(searcher, sought, vector, wanted))
                        : hits(searcher, sought, vector, wanted));
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
