package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.failure.BudgetUsedUpException;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.retrieval.Terms;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.work.ComputePools;
import org.junit.jupiter.api.Test;

class SentenceRankingTest {

    private static final String PASSAGE = "Write to ada@example.com about keys. The desk opens at nine.";

    private final List<TextSegment> embedded = new ArrayList<>();
    private RuntimeException away;
    private final SentenceRanking ranking = new SentenceRanking(
            new Terms(),
            new EmbeddingModel() {
                @Override
                public Response<List<Embedding>> embedAll(List<TextSegment> texts) {
                    if (away != null) {
                        throw away;
                    }
                    embedded.addAll(texts);
                    return Response.from(texts.stream()
                            .map(text -> Embedding.from(new float[] {1}))
                            .toList());
                }
            },
            ComputePools.small());

    @Test
    void embedsInTheTenantsNameAndSaysWhatItWantsHidden() {
        UUID tenant = UUID.randomUUID();

        List<Sentence> best = best(tenant, "Is ada@example.com right for keys?");

        assertThat(best).extracting(Sentence::text).first().asString().contains("ada@example.com");
        assertThat(embedded).hasSizeGreaterThan(1).allSatisfy(text -> {
            assertThat(TenantText.tenant(text)).isEqualTo(tenant);
            assertThat(TenantText.mask(text)).containsExactly("email");
        });
    }

    @Test
    void choosesByTheWordsWhereNothingMayBeEmbedded() {
        away = BudgetUsedUpException.untilItIsRaised();

        List<Sentence> best = best(UUID.randomUUID(), "When does the desk open?");

        assertThat(best).extracting(Sentence::text).containsExactly("The desk opens at nine.");
    }

    private List<Sentence> best(UUID tenant, String question) {
        Passage passage = Questions.passage("desk.md", PASSAGE);
        TenantSettings hiding = JsonMapper.builder()
                .build()
                .convertValue(Map.of("pii", Map.of("mask", List.of("email"))), TenantSettings.class);
        return ranking.best(
                new SentenceRanking.Asker(tenant, hiding),
                question,
                null,
                Sentence.of(1, passage.text()),
                List.of(passage));
    }
}
