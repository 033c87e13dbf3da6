package org.caravanserai.model;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.TenantText;

/**
 * The embedding model of the whole hub, whoever provides it. One text at a time is a question, a list holds passages: models
 * such as e5 want to be told which. Every vector is checked and of length 1, so that cosine is the dot product everywhere;
 * passages of a known tenant are looked up before they are paid for.
 */
final class Embeddings implements EmbeddingModel, AutoCloseable {

    private static final double UNIT = 1e-4;

    private final EmbeddingProvider provider;
    private final EmbeddedModel.Prefixes prefixes;
    private final EmbeddingCache cache;
    private final List<EmbeddingLedger> ledgers;
    private final MeterRegistry meters;
    private final AtomicInteger dimension = new AtomicInteger();

    Embeddings(
            EmbeddingProvider provider,
            EmbeddedModel.Prefixes prefixes,
            EmbeddingCache cache,
            List<EmbeddingLedger> ledgers,
            MeterRegistry meters) {
        this.provider = provider;
        this.prefixes = prefixes;
        this.cache = cache;
        this.ledgers = List.copyOf(ledgers);
        this.meters = meters;
    }

    @Override
    public String modelName() {
        return prefixes.name(provider.modelName());
    }

    /** Asks the model if it was not asked before. */
    @Override
    public int dimension() {
        return dimension.get() > 0
                ? dimension.get()
                : embed("dimension").content().dimension();
    }

    @Override
    public Response<Embedding> embed(String question) {
        return embed(TextSegment.from(question));
    }

    @Override
    public Response<Embedding> embed(TextSegment question) {
        Response<List<Embedding>> made = make(
                TenantText.tenant(question),
                List.of(prefixes.query() + question.text()),
                EmbeddingProvider.Kind.QUESTION);
        return Response.from(made.content().getFirst(), made.tokenUsage());
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> passages) {
        Map<Optional<UUID>, Set<String>> byTenant = passages.stream()
                .collect(Collectors.groupingBy(
                        passage -> Optional.ofNullable(TenantText.tenant(passage)),
                        Collectors.mapping(this::sent, Collectors.toCollection(LinkedHashSet::new))));
        Map<Optional<UUID>, Map<String, float[]>> vectors = new HashMap<>();
        TokenUsage usage = new TokenUsage(0);
        for (Map.Entry<Optional<UUID>, Set<String>> group : byTenant.entrySet()) {
            Map<String, float[]> found = new HashMap<>(group.getKey()
                    .map(tenant -> cache.find(tenant, modelName(), group.getValue()))
                    .orElse(Map.of()));
            List<String> missing = group.getValue().stream()
                    .filter(text -> !found.containsKey(text))
                    .toList();
            if (!missing.isEmpty()) {
                usage = usage.add(makeAndKeep(group.getKey(), missing, found));
            }
            vectors.put(group.getKey(), found);
        }
        return Response.from(
                passages.stream()
                        .map(passage -> Embedding.from(vectors.get(Optional.ofNullable(TenantText.tenant(passage)))
                                .get(sent(passage))
                                .clone()))
                        .toList(),
                usage);
    }

    @Override
    public void close() {
        provider.close();
    }

    private String sent(TextSegment passage) {
        return prefixes.passage() + passage.text();
    }

    private TokenUsage makeAndKeep(Optional<UUID> tenant, List<String> missing, Map<String, float[]> into) {
        Response<List<Embedding>> made = make(tenant.orElse(null), missing, EmbeddingProvider.Kind.PASSAGES);
        Map<String, float[]> fresh = new HashMap<>();
        for (int i = 0; i < missing.size(); i++) {
            fresh.put(missing.get(i), made.content().get(i).vector());
        }
        into.putAll(fresh);
        tenant.ifPresent(id -> cache.keep(id, modelName(), fresh));
        return made.tokenUsage();
    }

    private Response<List<Embedding>> make(UUID tenantId, List<String> texts, EmbeddingProvider.Kind kind) {
        Response<List<Embedding>> answer = provider.embed(texts, kind);
        long tokens = answer.tokenUsage() == null || answer.tokenUsage().inputTokenCount() == null
                ? 0
                : answer.tokenUsage().inputTokenCount();
        record(tenantId, texts.size(), tokens); // before the check: what is no use is paid for all the same
        if (answer.content() == null || answer.content().size() != texts.size()) {
            throw new RetryableException(
                    "The embedding model " + modelName() + " gave "
                            + (answer.content() == null ? 0 : answer.content().size()) + " vectors for " + texts.size()
                            + " texts.",
                    null);
        }
        List<Embedding> vectors = new ArrayList<>(texts.size());
        for (Embedding embedding : answer.content()) {
            vectors.add(Embedding.from(checked(embedding == null ? null : embedding.vector())));
        }
        return Response.from(vectors, new TokenUsage((int) Math.min(tokens, Integer.MAX_VALUE)));
    }

    private void record(UUID tenantId, int texts, long tokens) {
        if (provider.name().equals(EmbeddingProperties.EMBEDDED)) {
            return;
        }
        meters.counter("hub.embedding.tokens", "provider", provider.name()).increment(tokens);
        EmbeddingSpend spend = new EmbeddingSpend(
                tenantId, provider.name(), provider.modelName().replaceFirst("@\\d+$", ""), texts, (int)
                        Math.min(tokens, Integer.MAX_VALUE));
        ledgers.forEach(ledger -> ledger.record(spend));
    }

    /** Of length 1. @throws PermanentException if it is no vector of this model */
    private float[] checked(float[] vector) {
        if (vector == null || vector.length == 0) {
            throw new RetryableException("The embedding model " + modelName() + " gave an empty vector.", null);
        }
        double squares = 0;
        for (float number : vector) {
            squares += (double) number * number;
        }
        double length = Math.sqrt(squares);
        if (!Double.isFinite(length) || length == 0) {
            throw new RetryableException(
                    "The embedding model " + modelName() + " gave a vector with no direction or with numbers that are"
                            + " not finite.",
                    null);
        }
        int known = dimension.updateAndGet(before -> before == 0 ? vector.length : before);
        if (known != vector.length) {
            throw new PermanentException(
                    "The embedding model " + modelName() + " gave vectors of " + known + " numbers before and now of "
                            + vector.length + ". If it was replaced, start the hub again.",
                    null);
        }
        if (Math.abs(length - 1) > UNIT) {
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) (vector[i] / length);
            }
        }
        return vector;
    }
}
