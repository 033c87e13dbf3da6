package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caravanserai.failure.BudgetUsedUpException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A tenant's budget of the month stops what an embedding provider is paid for, and nothing else. */
@OnRetrievalSlice
class EmbeddingBudgetIT {

    /** Of text-embedding-3-small, 0.02 US dollars for a million. */
    private static final int TOKENS_A_TEXT = 1_000;

    private static final BigDecimal A_TEXT = new BigDecimal("0.00002");

    @Autowired
    TenantTransactions transactions;

    @Autowired
    EmbeddingCache cache;

    @Autowired
    EmbeddingLedger ledger;

    @Autowired
    ObjectMapper json;

    UUID tenant;
    final Paid provider = new Paid("openai", true);

    @BeforeEach
    void makesATenant() {
        tenant = RetrievalSlice.newTenant(transactions);
    }

    @Test
    void isNotPassedHoweverManyAskAtOnce() throws Exception {
        Embeddings model = model(provider);
        TenantSettings settings = budget(20);
        List<Callable<Boolean>> calls = IntStream.range(0, 60)
                .<Callable<Boolean>>mapToObj(i -> () -> {
                    try {
                        model.embed(TenantText.of(tenant, settings, "question " + i));
                        return true;
                    } catch (BudgetUsedUpException used) {
                        return false;
                    }
                })
                .toList();

        List<Boolean> embedded;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            embedded = threads.invokeAll(calls).stream().map(Future::resultNow).toList();
        }

        assertThat(embedded.stream().filter(done -> done)).hasSize(20);
        assertThat(provider.texts).hasValue(20);
        assertThat(spent()).isEqualByComparingTo(A_TEXT.multiply(BigDecimal.valueOf(20)));
        assertThat(reserved()).isZero();
        assertThat(eventsTold()).isEqualTo(1);
    }

    @Test
    void stopsPassagesButNoneThatAreKept() {
        model(provider).embedAll(of(budget(2), "one", "two"));

        List<Embedding> again =
                model(provider).embedAll(of(budget(2), "two", "one")).content();

        assertThat(again).hasSize(2);
        assertThatThrownBy(() -> model(provider).embedAll(of(budget(2), "one", "three")))
                .isInstanceOf(BudgetUsedUpException.class)
                .hasMessageContaining("settings.model.monthlyBudgetUsd");
        assertThat(provider.texts).hasValue(2);
        model(provider).embedAll(of(budget(3), "one", "three"));
        assertThat(provider.texts).hasValue(3);
    }

    @Test
    void keepsEachRequestThatWasPaidForWhenTheNextDoesNotFit() {
        provider.textsARequest = 2;

        assertThatThrownBy(() -> model(provider).embedAll(of(budget(3), "one", "two", "three", "four")))
                .isInstanceOf(BudgetUsedUpException.class);

        assertThat(cache.find(tenant, "text-embedding-3-small", List.of("one", "two", "three", "four")))
                .containsOnlyKeys("one", "two");
        assertThat(spent()).isEqualByComparingTo(A_TEXT.multiply(BigDecimal.TWO));
    }

    @Test
    void givesBackWhatACallThatFailedHadSetAside() {
        provider.fails = true;

        assertThatThrownBy(() -> model(provider).embed(TenantText.of(tenant, budget(1), "a question")))
                .isInstanceOf(RetryableException.class)
                .isNotInstanceOf(BudgetUsedUpException.class);
        provider.fails = false;
        model(provider).embed(TenantText.of(tenant, budget(1), "a question"));

        assertThat(spent()).isEqualByComparingTo(A_TEXT);
        assertThat(reserved()).isZero();
    }

    @Test
    void waitsABoundedTimeForWhatOthersHaveSetAside() {
        model(provider).embed(TenantText.of(tenant, budget(2), "a question"));
        transactions.run(tenant, jdbc -> jdbc.sql("update budget_months set reserved_usd = ?, reserved_at = now()")
                .param(A_TEXT)
                .update());
        Instant start = Instant.now();

        assertThatThrownBy(() -> model(provider).embed(TenantText.of(tenant, budget(2), "another question")))
                .isInstanceOfSatisfying(BudgetUsedUpException.class, used -> assertThat(used.retryAfter())
                        .hasValueSatisfying(
                                wait -> assertThat(wait).isBetween(Duration.ofSeconds(1), Duration.ofHours(1))));

        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
        assertThat(eventsTold()).isZero();
    }

    @Test
    void stopsNoModelThatCostsNothing() {
        Paid ollama = new Paid("ollama", true);
        Paid inProcess = new Paid("embedded", false);
        Paid unknown = new Paid("openai", true, "a-model-without-a-price");

        for (Paid free : List.of(ollama, inProcess, unknown)) {
            model(free).embed(TenantText.of(tenant, budget(0), "a question"));
            model(free).embedAll(of(budget(0), free.name() + free.modelName() + 1, free.name() + free.modelName() + 2));
            assertThat(free.texts).hasValue(3);
        }
    }

    @Test
    void boundsNothingWhereNoneIsSet() {
        model(provider).embed(TenantText.of(tenant, TenantSettings.NONE, "a question"));
        model(provider).embed("nobody's");

        assertThat(spent()).isEqualByComparingTo(A_TEXT);
        assertThat(provider.texts).hasValue(2);
    }

    private TenantSettings budget(int texts) {
        return json.convertValue(
                Map.of("model", Map.of("monthlyBudgetUsd", A_TEXT.multiply(BigDecimal.valueOf(texts)))),
                TenantSettings.class);
    }

    private List<TextSegment> of(TenantSettings settings, String... texts) {
        return Stream.of(texts)
                .map(text -> TenantText.of(tenant, settings, text))
                .toList();
    }

    private Embeddings model(EmbeddingProvider of) {
        return new Embeddings(of, EmbeddedModel.Prefixes.NONE, cache, ledger, new SimpleMeterRegistry());
    }

    private BigDecimal spent() {
        return month("spent_usd");
    }

    private BigDecimal reserved() {
        return month("reserved_usd");
    }

    private BigDecimal month(String column) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select " + column + " from budget_months")
                .query(BigDecimal.class)
                .single());
    }

    private long eventsTold() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from events where type = 'budget.exceeded'")
                .query(Long.class)
                .single());
    }

    /** Each text takes as many tokens. */
    private static final class Paid implements EmbeddingProvider {

        private final String name;
        private final boolean outside;
        private final String model;
        private final AtomicInteger texts = new AtomicInteger();
        private int textsARequest = Integer.MAX_VALUE;
        private boolean fails;

        Paid(String name, boolean outside) {
            this(name, outside, "text-embedding-3-small");
        }

        Paid(String name, boolean outside, String model) {
            this.name = name;
            this.outside = outside;
            this.model = model;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String modelName() {
            return model;
        }

        @Override
        public boolean isOutside() {
            return outside;
        }

        @Override
        public List<List<String>> requests(List<String> all) {
            return IntStream.iterate(0, from -> from < all.size(), from -> from + Math.min(textsARequest, all.size()))
                    .mapToObj(
                            from -> all.subList(from, Math.min(all.size(), from + Math.min(textsARequest, all.size()))))
                    .toList();
        }

        @Override
        public int tokens(List<String> counted) {
            return TOKENS_A_TEXT * counted.size();
        }

        @Override
        public Response<List<Embedding>> embed(List<String> asked, Kind kind) {
            if (fails) {
                throw new RetryableException("away", null);
            }
            texts.addAndGet(asked.size());
            return Response.from(
                    asked.stream()
                            .map(text -> Embedding.from(new float[] {text.hashCode(), 1, text.length()}))
                            .toList(),
                    new TokenUsage(tokens(asked)));
        }

        @Override
        public void close() {
            fails = true;
        }
    }
}
