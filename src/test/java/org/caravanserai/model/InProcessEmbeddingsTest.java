package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.store.embedding.CosineSimilarity;
import java.util.List;
import org.caravanserai.retrieval.QuestionsFirst;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The models that the jar carries. */
class InProcessEmbeddingsTest {

    // no @Configuration: the scans of other tests must not find it
    @EnableConfigurationProperties(EmbeddingProperties.class)
    static class Properties {}

    @ParameterizedTest
    @CsvSource({"'', bge-small-en-v1.5", "all-MiniLM-L6-v2-q, all-MiniLM-L6-v2"})
    void knowsWhatBelongsTogether(String asked, String name) {
        new ApplicationContextRunner()
                .withUserConfiguration(Properties.class)
                .withPropertyValues("hub.embedding.model=" + asked)
                .run(context -> {
                    try (var model =
                            InProcessEmbeddings.of(context.getBean(EmbeddingProperties.class), new QuestionsFirst())) {
                        List<Embedding> vectors = model.embed(
                                        List.of("The ferry leaves at noon.", "When does the boat go?", "Rye bread."),
                                        EmbeddingProvider.Kind.PASSAGES)
                                .content();

                        assertThat(model.modelName()).isEqualTo(name);
                        assertThat(vectors).allMatch(v -> v.dimension() == EmbeddedModel.DIMENSION);
                        assertThat(CosineSimilarity.between(vectors.get(0), vectors.get(1)))
                                .isGreaterThan(CosineSimilarity.between(vectors.get(0), vectors.get(2)) + 0.1);
                    }
                });
    }
}
