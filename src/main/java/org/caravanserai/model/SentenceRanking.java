package org.caravanserai.model;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.retrieval.Terms;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.work.ComputePool;
import org.caravanserai.work.Job;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Chooses the sentences that answer a question: by the question's terms they have, rare ones counting more, and by
 * meaning. Only the most promising are embedded, and their vectors are kept, since an embedding takes milliseconds.
 */
@Component
class SentenceRanking {

    private static final Logger LOG = LoggerFactory.getLogger(SentenceRanking.class);
    private static final int MAX_SENTENCES = 400;
    // The best passage is the right one mostly, and a sentence may answer without sharing a word with the question.
    private static final int EMBEDDED_OF_BEST = 24;
    private static final int EMBEDDED_OF_OTHERS = 6;
    private static final int CHOSEN = 3;
    private static final int SHORT = 60;
    private static final int LANGUAGE_TOLD_BY = 40;
    private static final int CACHED_VECTORS = 4_000;
    private static final double HEADING_SHARE = 0.5;
    private static final double TERMS_WEIGHT = 0.4;
    private static final double MEANING_WEIGHT = 0.6;
    private static final double PASSAGE_WEIGHT = 0.25;
    private static final double NEARLY_AS_GOOD = 0.9;

    private final Terms terms;
    private final EmbeddingModel embeddings;
    private final ComputePool compute;
    private final ReentrantLock lock = new ReentrantLock();
    // Keyed by the chunk's id, which belongs to one tenant: no tenant meets another's sentences here.
    private final Map<Key, float[]> vectors = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, float[]> eldest) {
            return size() > CACHED_VECTORS;
        }
    };

    private record Key(UUID chunkId, int place) {}

    /** @param settings the tenant's: what vectors may cost, and what must not leave the hub */
    record Asker(UUID tenantId, TenantSettings settings) {

        TextSegment text(String plain) {
            return TenantText.of(tenantId, settings, plain);
        }
    }

    private record Scored(Sentence sentence, double score) {}

    SentenceRanking(Terms terms, EmbeddingModel embeddings, ComputePool compute) {
        this.terms = terms;
        this.embeddings = embeddings;
        this.compute = compute;
    }

    /**
     * The best one to three sentences, all of one passage, in its order; empty if the question has no term. By their terms
     * alone where they cannot be embedded.
     *
     * @param asker whose question it is, who pays where vectors are paid for, and what must not leave the hub
     * @param questionVector null if it is not known yet
     */
    List<Sentence> best(
            Asker asker, String question, float[] questionVector, List<Sentence> sentences, List<Passage> passages) {
        // vectors may come from outside, so that their wait must not be in it
        List<Scored> byTerms = compute.run(Job.of("ranking", asker.tenantId()), () -> byTerms(question, sentences));
        if (byTerms.isEmpty()) {
            return List.of();
        }
        List<Scored> promising = Stream.concat(
                        byTerms.stream()
                                .filter(s -> s.sentence().passage() == 1)
                                .limit(EMBEDDED_OF_BEST),
                        byTerms.stream().filter(s -> s.sentence().passage() > 1).limit(EMBEDDED_OF_OTHERS))
                .toList();
        return around(byMeaning(asker, question, questionVector, promising, passages), sentences);
    }

    private List<Scored> byMeaning(
            Asker asker, String question, float[] questionVector, List<Scored> promising, List<Passage> passages) {
        try {
            float[] vector = questionVector == null
                    ? embeddings
                            .embed(asker.text(Retriever.bound(question)))
                            .content()
                            .vector()
                    : questionVector;
            return byMeaning(asker, vector, promising, passages);
        } catch (RetryableException | PermanentException missing) {
            if (Thread.currentThread().isInterrupted()) {
                throw missing;
            }
            LOG.debug("Sentences are chosen by their words alone: {}", missing.getMessage()); // the search has told
            return promising;
        }
    }

    private List<Scored> byTerms(String question, List<Sentence> sentences) {
        String language = terms.languageOf(
                sentences.stream().map(Sentence::text).limit(LANGUAGE_TOLD_BY).collect(Collectors.joining("\n")));
        Map<String, Integer> asked = terms.of(Retriever.bound(question), language);
        return asked.isEmpty()
                ? List.of()
                : byTerms(asked.keySet(), sentences.subList(0, Math.min(sentences.size(), MAX_SENTENCES)), language);
    }

    private List<Scored> byTerms(Set<String> asked, List<Sentence> sentences, String language) {
        List<Set<String>> own = new ArrayList<>();
        Map<String, Integer> frequencies = new HashMap<>();
        for (Sentence sentence : sentences) {
            Set<String> found = terms.of(sentence.text(), language).keySet();
            own.add(found);
            asked.stream().filter(found::contains).forEach(term -> frequencies.merge(term, 1, Integer::sum));
        }
        Map<String, Double> weights = new HashMap<>();
        asked.forEach(term ->
                weights.put(term, Math.log(1 + (sentences.size() + 0.5) / (frequencies.getOrDefault(term, 0) + 0.5))));
        double total =
                weights.values().stream().mapToDouble(Double::doubleValue).sum();
        List<Scored> scored = new ArrayList<>();
        Map<String, Set<String>> headings = new HashMap<>();
        for (int i = 0; i < sentences.size(); i++) {
            Set<String> above =
                    headings.computeIfAbsent(sentences.get(i).heading(), heading -> terms.of(heading, language)
                            .keySet());
            double score = 0;
            for (Map.Entry<String, Double> term : weights.entrySet()) {
                if (own.get(i).contains(term.getKey())) {
                    score += term.getValue();
                } else if (above.contains(term.getKey())) {
                    score += HEADING_SHARE * term.getValue();
                }
            }
            double ofPassage = PASSAGE_WEIGHT / sentences.get(i).passage();
            scored.add(new Scored(sentences.get(i), TERMS_WEIGHT * score / total + ofPassage));
        }
        scored.sort(Comparator.comparingDouble(Scored::score).reversed());
        return scored;
    }

    private List<Scored> byMeaning(Asker asker, float[] question, List<Scored> candidates, List<Passage> passages) {
        List<Scored> scored = new ArrayList<>();
        List<float[]> sentenceVectors =
                vectors(asker, candidates.stream().map(Scored::sentence).toList(), passages);
        for (int i = 0; i < candidates.size(); i++) {
            scored.add(new Scored(
                    candidates.get(i).sentence(),
                    candidates.get(i).score() + MEANING_WEIGHT * dot(question, sentenceVectors.get(i))));
        }
        scored.sort(Comparator.comparingDouble(Scored::score).reversed());
        return scored;
    }

    /** The best sentence, and of its passage those nearly as good; after a very short one also what follows it. */
    private static List<Sentence> around(List<Scored> ranked, List<Sentence> all) {
        Scored best = ranked.getFirst();
        List<Sentence> chosen = new ArrayList<>();
        ranked.stream()
                .filter(s -> s.sentence().passage() == best.sentence().passage()
                        && s.score() >= NEARLY_AS_GOOD * best.score())
                .limit(CHOSEN)
                .map(Scored::sentence)
                .forEach(chosen::add);
        if (chosen.size() == 1 && best.sentence().text().length() < SHORT) {
            int next = all.indexOf(best.sentence()) + 1;
            if (next < all.size() && all.get(next).passage() == best.sentence().passage()) {
                chosen.add(all.get(next));
            }
        }
        chosen.sort(Comparator.comparingInt(Sentence::place));
        return chosen;
    }

    private List<float[]> vectors(Asker asker, List<Sentence> sentences, List<Passage> passages) {
        List<Key> keys = sentences.stream()
                .map(s -> new Key(passages.get(s.passage() - 1).chunkId(), s.place()))
                .toList();
        Map<Key, float[]> found = cached(keys);
        List<Key> missing = keys.stream().filter(key -> !found.containsKey(key)).toList();
        if (!missing.isEmpty()) {
            List<Embedding> made = embeddings
                    .embedAll(missing.stream()
                            .map(key ->
                                    asker.text(sentences.get(keys.indexOf(key)).inContext()))
                            .toList())
                    .content();
            for (int i = 0; i < missing.size(); i++) {
                found.put(missing.get(i), made.get(i).vector());
            }
            keep(found);
        }
        return keys.stream().map(found::get).toList();
    }

    private Map<Key, float[]> cached(List<Key> keys) {
        Map<Key, float[]> found = new HashMap<>();
        lock.lock();
        try {
            for (Key key : keys) {
                float[] vector = vectors.get(key);
                if (vector != null) {
                    found.put(key, vector);
                }
            }
        } finally {
            lock.unlock();
        }
        return found;
    }

    private void keep(Map<Key, float[]> made) {
        lock.lock();
        try {
            vectors.putAll(made);
        } finally {
            lock.unlock();
        }
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
