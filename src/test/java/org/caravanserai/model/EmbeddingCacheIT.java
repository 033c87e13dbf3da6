package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What is embedded once is not paid for again, and tells no other tenant anything. */
@OnRetrievalSlice
class EmbeddingCacheIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    EmbeddingCache cache;

    @Autowired
    EmbeddingProperties properties;

    UUID tenant;
    final Counting provider = new Counting("a-model");

    @BeforeEach
    void makesATenant() {
        tenant = RetrievalSlice.newTenant(transactions);
    }

    @Test
    void asksForATextOfATenantOnce() {
        Embeddings model = model(provider);
        List<Embedding> first = model.embedAll(of(tenant, "one", "two")).content();

        List<Embedding> again =
                model.embedAll(of(tenant, "two", "three", "one")).content();

        assertThat(provider.asked).containsExactly("one", "two", "three");
        assertThat(again).first().isEqualTo(first.get(1));
        assertThat(again).last().isEqualTo(first.get(0));
    }

    @Test
    void asksAgainForAnotherModelOrTenant() {
        model(provider).embedAll(of(tenant, "one"));
        Counting other = new Counting("b-model");

        model(other).embedAll(of(tenant, "one"));
        model(provider).embedAll(of(RetrievalSlice.newTenant(transactions), "one"));
        model(provider).embedAll(List.of(TextSegment.from("one")));

        assertThat(other.asked).containsExactly("one");
        assertThat(provider.asked).containsExactly("one", "one", "one");
    }

    @Test
    void keepsNoQuestion() {
        model(provider).embed(TenantText.of(tenant, TenantSettings.NONE, "who?"));
        model(provider).embed(TenantText.of(tenant, TenantSettings.NONE, "who?"));

        assertThat(provider.asked).containsExactly("who?", "who?");
        assertThat(rows(tenant)).isZero();
    }

    @Test
    void showsNoTenantTheRowsOfAnother() {
        model(provider).embedAll(of(tenant, "one"));
        UUID other = RetrievalSlice.newTenant(transactions);

        assertThat(rows(tenant)).isEqualTo(1);
        assertThat(rows(other)).isZero();
        assertThat(cache.find(other, "a-model", List.of("one"))).isEmpty();
    }

    @Test
    void goesWithItsTenant() {
        model(provider).embedAll(of(tenant, "one"));

        transactions.run(tenant, jdbc -> jdbc.sql("delete from tenants where id = ?")
                .param(tenant)
                .update());

        assertThat(rows(tenant)).isZero();
    }

    @Test
    void forgetsWhatIsOld() {
        model(provider).embedAll(of(tenant, "old", "new"));
        transactions.run(tenant, jdbc -> jdbc.sql("update embedding_cache set used_at = now() - interval '31 days'"
                        + " where text_hash = sha256('old')")
                .update());

        cache.prune(tenant);

        assertThat(cache.find(tenant, "a-model", List.of("old", "new"))).containsOnlyKeys("new");
    }

    @Test
    void keepsABoundedNumber() {
        model(provider).embedAll(of(tenant, "one"));
        transactions.run(
                tenant, jdbc -> jdbc.sql("insert into embedding_cache (tenant_id, model, text_hash, vector, used_at)"
                                + " select ?, 'a-model', sha256(n::text::bytea), '', now() - interval '1 hour'"
                                + " from generate_series(1, ?) n")
                        .params(tenant, properties.cacheRows() + 10)
                        .update());

        cache.prune(tenant);

        assertThat(rows(tenant)).isEqualTo(properties.cacheRows());
        assertThat(cache.find(tenant, "a-model", List.of("one"))).hasSize(1);
    }

    private long rows(UUID owner) {
        return transactions.in(owner, jdbc -> jdbc.sql("select count(*) from embedding_cache")
                .query(Long.class)
                .single());
    }

    private Embeddings model(EmbeddingProvider provider) {
        return new Embeddings(
                provider, EmbeddedModel.Prefixes.NONE, cache, new FreeEmbeddings(), new SimpleMeterRegistry());
    }

    private static List<TextSegment> of(UUID owner, String... texts) {
        return Stream.of(texts)
                .map(text -> TenantText.of(owner, TenantSettings.NONE, text))
                .toList();
    }

    /** Notes what it is asked. */
    private static final class Counting implements EmbeddingProvider {

        private final String model;
        private final List<String> asked = new ArrayList<>();

        Counting(String model) {
            this.model = model;
        }

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public String modelName() {
            return model;
        }

        @Override
        public boolean isOutside() {
            return true;
        }

        @Override
        public Response<List<Embedding>> embed(List<String> texts, Kind kind) {
            asked.addAll(texts);
            return Response.from(texts.stream()
                    .map(text -> Embedding.from(new float[] {text.hashCode(), 1, text.length()}))
                    .toList());
        }

        @Override
        public void close() {
            asked.clear();
        }
    }
}
