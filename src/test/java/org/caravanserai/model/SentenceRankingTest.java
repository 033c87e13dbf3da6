package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.retrieval.Terms;
import org.junit.jupiter.api.Test;

class SentenceRankingTest {

    private final List<TextSegment> embedded = new ArrayList<>();
    private final SentenceRanking ranking = new SentenceRanking(new Terms(), new EmbeddingModel() {
        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> texts) {
            embedded.addAll(texts);
            return Response.from(
                    texts.stream().map(text -> Embedding.from(new float[] {1})).toList());
        }
    });

    @Test
    void embedsInTheTenantsNameAndWithoutWhatItWantsHidden() {
        UUID tenant = UUID.randomUUID();
        Passage passage = Questions.passage("desk.md", "Write to ada@example.com about keys. The desk opens at nine.");
        SentenceRanking.Asker asker = new SentenceRanking.Asker(tenant, PiiMask.of(List.of("email")));

        List<Sentence> best = ranking.best(
                asker, "Is ada@example.com right for keys?", null, Sentence.of(1, passage.text()), List.of(passage));

        assertThat(best).extracting(Sentence::text).first().asString().contains("ada@example.com");
        assertThat(embedded).hasSizeGreaterThan(1).allSatisfy(text -> {
            assertThat(TenantText.tenant(text)).isEqualTo(tenant);
            assertThat(text.text()).doesNotContain("ada@");
        });
        assertThat(embedded.getFirst().text()).isEqualTo("Is [EMAIL_1] right for keys?");
    }
}
