package org.caravanserai.model;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
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
    private final EmbeddingLedger ledger;
    private final MeterRegistry meters;
    private final AtomicInteger dimension = new AtomicInteger();

    Embeddings(
            EmbeddingProvider provider,
            EmbeddedModel.Prefixes prefixes,
            EmbeddingCache cache,
            EmbeddingLedger ledger,
            MeterRegistry meters) {
        this.provider = provider;
        this.prefixes = prefixes;
        this.cache = cache;
        this.ledger = ledger;
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
        Response<List<Embedding>> made =
                make(Payer.of(question), List.of(prefixes.query() + shown(question)), EmbeddingProvider.Kind.QUESTION);
        return Response.from(made.content().getFirst(), made.tokenUsage());
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> passages) {
        List<String> sent = passages.stream()
                .map(passage -> prefixes.passage() + shown(passage))
                .toList();
        Map<Payer, Set<String>> byPayer = new LinkedHashMap<>();
        for (int i = 0; i < sent.size(); i++) {
            byPayer.computeIfAbsent(Payer.of(passages.get(i)), payer -> new LinkedHashSet<>())
                    .add(sent.get(i));
        }
        Map<Payer, Map<String, float[]>> vectors = new HashMap<>();
        TokenUsage usage = new TokenUsage(0);
        for (Map.Entry<Payer, Set<String>> group : byPayer.entrySet()) {
            Payer payer = group.getKey();
            Map<String, float[]> found = new HashMap<>(
                    payer.tenantId() == null ? Map.of() : cache.find(payer.tenantId(), modelName(), group.getValue()));
            List<String> missing = group.getValue().stream()
                    .filter(text -> !found.containsKey(text))
                    .toList();
            if (!missing.isEmpty()) {
                usage = usage.add(makeAndKeep(payer, missing, found));
            }
            vectors.put(payer, found);
        }
        List<Embedding> all = new ArrayList<>(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            all.add(Embedding.from(
                    vectors.get(Payer.of(passages.get(i))).get(sent.get(i)).clone()));
        }
        return Response.from(all, usage);
    }

    @Override
    public void close() {
        provider.close();
    }

    /** Who pays. @param tenantId null if that is not known */
    private record Payer(UUID tenantId, Double monthlyBudgetUsd) {

        static Payer of(TextSegment text) {
            return new Payer(TenantText.tenant(text), TenantText.monthlyBudgetUsd(text));
        }
    }

    /**
     * Without the personal data that its tenant wants hidden, where it leaves the hub. The same value has the same stand-in
     * in every text, and so has every other of its kind: that question and passage agree counts, not which number it is,
     * and equal texts are paid for once.
     */
    private String shown(TextSegment text) {
        return provider.isOutside() ? PiiMask.of(TenantText.mask(text)).redact(text.text()) : text.text();
    }

    /** Each request is kept as soon as it is paid for: the next may fail. */
    private TokenUsage makeAndKeep(Payer payer, List<String> missing, Map<String, float[]> into) {
        TokenUsage usage = new TokenUsage(0);
        for (List<String> request : provider.requests(missing)) {
            Response<List<Embedding>> made = make(payer, request, EmbeddingProvider.Kind.PASSAGES);
            Map<String, float[]> fresh = new HashMap<>();
            for (int i = 0; i < request.size(); i++) {
                fresh.put(request.get(i), made.content().get(i).vector());
            }
            into.putAll(fresh);
            if (payer.tenantId() != null) {
                cache.keep(payer.tenantId(), modelName(), fresh);
            }
            usage = usage.add(made.tokenUsage());
        }
        return usage;
    }

    private Response<List<Embedding>> make(Payer payer, List<String> texts, EmbeddingProvider.Kind kind) {
        if (!provider.isOutside()) {
            return checked(texts, provider.embed(texts, kind), 0);
        }
        boolean isBounded = payer.tenantId() != null && payer.monthlyBudgetUsd() != null;
        Spending.Hold hold = ledger.reserve(
                spend(payer, texts, isBounded ? provider.tokens(texts) : 0), payer.monthlyBudgetUsd(), kind);
        int tokens = 0;
        try {
            Response<List<Embedding>> answer = provider.embed(texts, kind);
            tokens = Tokens.or0(
                    answer.tokenUsage() == null ? null : answer.tokenUsage().inputTokenCount());
            return checked(texts, answer, tokens);
        } finally {
            // also of what is no use: it is paid for all the same
            meters.counter("hub.embedding.tokens", "provider", provider.name()).increment(tokens);
            ledger.settle(spend(payer, texts, tokens), hold);
        }
    }

    private EmbeddingSpend spend(Payer payer, List<String> texts, int tokens) {
        return new EmbeddingSpend(
                payer.tenantId(),
                provider.name(),
                provider.modelName().replaceFirst("@\\d+$", ""),
                texts.size(),
                tokens);
    }

    private Response<List<Embedding>> checked(List<String> texts, Response<List<Embedding>> answer, int tokens) {
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
        return Response.from(vectors, new TokenUsage(tokens));
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
