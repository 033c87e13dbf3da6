package org.caravanserai.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures retrieval on a judged collection. A document is as good as its best chunk, as such collections judge
 * documents.
 */
class RetrievalEvaluation {

    private static final Logger LOG = LoggerFactory.getLogger(RetrievalEvaluation.class);
    private static final int DEPTH = 100;
    private static final int WARM_UP = 20;

    private final EvaluationProperties properties;
    private final DocumentStore documents;
    private final TenantTransactions transactions;
    private final Retriever retriever;
    private final EmbeddingModel embeddings;
    private final ObjectMapper json;

    RetrievalEvaluation(
            EvaluationProperties properties,
            DocumentStore documents,
            TenantTransactions transactions,
            Retriever retriever,
            EmbeddingModel embeddings,
            ObjectMapper json) {
        this.properties = properties;
        this.documents = documents;
        this.transactions = transactions;
        this.retriever = retriever;
        this.embeddings = embeddings;
        this.json = json;
    }

    /** One way to search. @param embeds whether it needs the question's vector */
    private record Way(String name, TenantSettings.Retrieval settings, boolean embeds, boolean reranks) {}

    /**
     * What a way found.
     *
     * @param values by measure, in the order of the questions
     * @param notReranked questions whose hits the reranker should have reordered and did not
     */
    record Line(String name, Map<Measure, double[]> values, Latencies latencies, int notReranked) {}

    /** @return the report */
    RetrievalReport run() throws IOException, InterruptedException {
        BeirCollection collection = new BeirCollection(properties.collection(), properties.split(), json);
        Map<String, Map<String, Integer>> judgements = collection.judgements();
        Map<String, String> questions = collection.questions(judgements);
        LOG.info("{}: {} questions judged; indexing", properties.collection(), questions.size());
        EvaluationTenant tenant = EvaluationTenant.named(
                identity(), json.writeValueAsString(Map.of("chunking", chunking())), transactions, documents);
        Map<UUID, String> names = new HashMap<>();
        int[] empty = {0};
        long started = System.nanoTime();
        EvaluationTenant.State before = tenant.state();
        collection.documents(entry -> {
            String text = entry.text().isEmpty() ? entry.title() : entry.text();
            if (text.isEmpty()) {
                empty[0]++;
                return;
            }
            names.put(tenant.documentId(entry.id()), entry.id());
            tenant.add(entry.id(), entry.text().isEmpty() ? "" : entry.title(), text);
        });
        EvaluationTenant.State state = tenant.awaitIndexed();
        double indexing = (System.nanoTime() - started) / 1e9;
        if (state.failed() > 0) {
            LOG.warn("{} documents failed and are not found: {}", state.failed(), tenant.failures());
        }
        retriever.forgetTenant(tenant.id());
        started = System.nanoTime();
        retriever.awaitIndex(tenant.id());
        double building = (System.nanoTime() - started) / 1e9;
        LOG.info("Searching");
        List<Line> lines = search(tenant.id(), questions, judgements, names);
        return new RetrievalReport(
                properties,
                embeddings.modelName(),
                state,
                empty[0],
                questions.size(),
                before.chunks() == state.chunks() ? 0 : (state.chunks() - before.chunks()) / indexing,
                state.chunks() / building,
                retriever.bytesOnDisk(tenant.id()),
                lines,
                calibrate(tenant.id(), questions, judgements, names, false),
                retriever.canRerank() ? calibrate(tenant.id(), questions, judgements, names, true) : null);
    }

    private List<Line> search(
            UUID tenant,
            Map<String, String> questions,
            Map<String, Map<String, Integer>> judgements,
            Map<UUID, String> names) {
        Map<String, float[]> vectors = new HashMap<>();
        Map<String, Long> embedded = new HashMap<>();
        questions.forEach((id, text) -> {
            long start = System.nanoTime();
            vectors.put(id, embeddings.embed(Retriever.bound(text)).content().vector());
            embedded.put(id, System.nanoTime() - start);
        });
        List<Line> lines = new ArrayList<>();
        for (Way way : ways()) {
            questions.entrySet().stream()
                    .limit(WARM_UP)
                    .forEach(question -> rank(tenant, way, question.getValue(), vectors.get(question.getKey())));
            Map<Measure, double[]> values = new LinkedHashMap<>();
            for (Measure measure : Measure.values()) {
                values.put(measure, new double[questions.size()]);
            }
            Latencies latencies = new Latencies();
            int n = 0;
            int notReranked = 0;
            for (Map.Entry<String, String> question : questions.entrySet()) {
                Map<String, Integer> grades = judgements.get(question.getKey());
                long start = System.nanoTime();
                List<Retriever.Found> found = rank(tenant, way, question.getValue(), vectors.get(question.getKey()));
                latencies.add(System.nanoTime() - start + (way.embeds() ? embedded.get(question.getKey()) : 0));
                if (way.reranks() && !found.isEmpty() && !found.getFirst().isReranked()) {
                    notReranked++;
                }
                List<String> ranking = ranking(found, names, grades);
                for (Measure measure : Measure.values()) {
                    values.get(measure)[n] = measure.of(ranking, grades);
                }
                n++;
            }
            lines.add(new Line(way.name(), values, latencies, notReranked));
        }
        return lines;
    }

    private List<Retriever.Found> rank(UUID tenant, Way way, String question, float[] vector) {
        return retriever.find(tenant, question, way.embeds() ? vector : null, way.settings(), DEPTH, way.reranks());
    }

    /** The documents of the passages, best first, each once: at the place of its best chunk. */
    private List<String> ranking(List<Retriever.Found> found, Map<UUID, String> names, Map<String, Integer> grades) {
        LinkedHashSet<String> ranking = new LinkedHashSet<>();
        for (Retriever.Found one : found) {
            String id = names.get(one.passage().documentId());
            boolean isZero = grades.containsKey(id) && grades.get(id) == 0;
            if (id != null && !(isZero && properties.withoutZeroGraded())) {
                ranking.add(id);
            }
        }
        return List.copyOf(ranking);
    }

    private List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        ways.add(new Way("keyword", settings(0, "weighted"), false, false));
        ways.add(new Way("vector", settings(1, "weighted"), true, false));
        ways.add(new Way("hybrid", TenantSettings.NONE.retrievalOrDefault(), true, false));
        ways.add(new Way("rrf", settings(0.5, "rrf"), true, false));
        for (double weight : properties.weights()) {
            ways.add(new Way("hybrid " + weight, settings(weight, "weighted"), true, false));
        }
        if (retriever.canRerank()) {
            ways.add(new Way("reranked", TenantSettings.NONE.retrievalOrDefault(), true, true));
        }
        return ways;
    }

    private static TenantSettings.Retrieval settings(double vectorWeight, String fusion) {
        return new TenantSettings.Retrieval(true, DEPTH, vectorWeight, 1 - vectorWeight, fusion, null, "none");
    }

    /**
     * How sure the best passage is where the collection answers, and where it does not: the latter with all that is
     * judged relevant taken away, which leaves the nearest wrong ones.
     *
     * @param reranked whether by the reranker's score
     */
    private Calibration calibrate(
            UUID tenant,
            Map<String, String> questions,
            Map<String, Map<String, Integer>> judgements,
            Map<UUID, String> names,
            boolean reranked) {
        List<Double> right = new ArrayList<>();
        List<Double> wrong = new ArrayList<>();
        questions.forEach((id, text) -> {
            float[] vector = embeddings.embed(Retriever.bound(text)).content().vector();
            double bestRight = 0;
            double bestWrong = 0;
            for (Retriever.Found found :
                    retriever.find(tenant, text, vector, TenantSettings.NONE.retrievalOrDefault(), DEPTH, reranked)) {
                if (reranked && !found.isReranked()) {
                    continue;
                }
                double sure = reranked ? found.passage().score() : found.relevance();
                String document = names.get(found.passage().documentId());
                if (judgements.get(id).getOrDefault(document, 0) > 0) {
                    bestRight = Math.max(bestRight, sure);
                } else if (!judgements.get(id).containsKey(document)) {
                    bestWrong = Math.max(bestWrong, sure);
                }
            }
            right.add(bestRight);
            wrong.add(bestWrong);
        });
        return Calibration.of(right, wrong);
    }

    private Map<String, Object> chunking() {
        return properties.chunkSize() == 0 ? Map.of() : Map.of("size", properties.chunkSize());
    }

    /** Of what is indexed: the same collection in the same chunks by the same model is not indexed twice. */
    private String identity() throws IOException {
        Path corpus = properties.collection().resolve("corpus.jsonl").toRealPath();
        return String.join(
                "\n",
                corpus.toString(),
                Long.toString(Files.size(corpus)),
                Files.getLastModifiedTime(corpus).toString(),
                chunking().toString(),
                embeddings.modelName().toLowerCase(Locale.ROOT));
    }
}
