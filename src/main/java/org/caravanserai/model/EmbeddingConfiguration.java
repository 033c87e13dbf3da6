package org.caravanserai.model;

import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import dev.langchain4j.model.ollama.OllamaEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiTokenCountEstimator;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.caravanserai.failure.Circuits;
import org.caravanserai.retrieval.QuestionsFirst;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The embedding model, and the token count of its vocabulary. */
@Configuration(proxyBeanMethods = false)
class EmbeddingConfiguration {

    private static final String OPENAI_DEFAULT = "text-embedding-3-small";
    private static final String OLLAMA_DEFAULT = "nomic-embed-text";

    @Bean(destroyMethod = "close")
    EmbeddingModel embeddingModel(
            EmbeddingProperties properties,
            EmbeddingCache cache,
            EmbeddingLedger ledger,
            Circuits circuits,
            QuestionsFirst questionsFirst,
            MeterRegistry meters) {
        EmbeddingProvider provider =
                switch (properties.providerOrDefault()) {
                    case EmbeddingProperties.OPENAI -> openAi(properties, circuits);
                    case EmbeddingProperties.OLLAMA -> ollama(properties, circuits);
                    default -> InProcessEmbeddings.of(properties, questionsFirst);
                };
        return new Embeddings(
                provider, EmbeddedModel.Prefixes.of(provider.modelName(), properties), cache, ledger, meters);
    }

    /** For bge and MiniLM the vocabulary of BERT, which they share. Loaded when the first document is cut. */
    @Bean
    @Lazy
    TokenCountEstimator tokenCountEstimator(EmbeddingProperties properties) {
        if (properties.providerOrDefault().equals(EmbeddingProperties.OPENAI)) {
            return openAiTokens();
        }
        return properties.providerOrDefault().equals(EmbeddingProperties.EMBEDDED) && properties.hasFiles()
                ? new HuggingFaceTokenCountEstimator(Path.of(properties.tokenizerFile()))
                : new HuggingFaceTokenCountEstimator();
    }

    private static EmbeddingProvider openAi(EmbeddingProperties properties, Circuits circuits) {
        String model = properties.model().isBlank() ? OPENAI_DEFAULT : properties.model();
        var client = OpenAiEmbeddingModel.builder()
                .httpClientBuilder(
                        new EmbeddingHttp(EmbeddingProperties.OPENAI, properties.timeout(), new OrderedByIndex())
                                .asBuilder())
                .apiKey(
                        properties.openai().apiKey().isBlank()
                                ? "none"
                                : properties.openai().apiKey())
                .modelName(model)
                .maxSegmentsPerBatch(RemoteEmbeddings.Limits.OPENAI.texts())
                .maxRetries(0);
        if (!properties.openai().url().isBlank()) {
            client.baseUrl(properties.openai().url());
        }
        if (properties.dimensions() > 0) {
            client.dimensions(properties.dimensions());
        }
        return new RemoteEmbeddings(
                EmbeddingProperties.OPENAI,
                properties.dimensions() > 0 ? model + "@" + properties.dimensions() : model,
                client.build(),
                openAiTokens(),
                RemoteEmbeddings.Limits.OPENAI,
                circuits,
                properties);
    }

    private static EmbeddingProvider ollama(EmbeddingProperties properties, Circuits circuits) {
        String model = properties.model().isBlank() ? OLLAMA_DEFAULT : properties.model();
        var client = OllamaEmbeddingModel.builder()
                .httpClientBuilder(
                        new EmbeddingHttp(EmbeddingProperties.OLLAMA, properties.timeout(), UnaryOperator.identity())
                                .asBuilder())
                .baseUrl(properties.ollama().urlOrDefault())
                .modelName(model)
                .maxRetries(0)
                .build();
        return new RemoteEmbeddings(
                EmbeddingProperties.OLLAMA,
                model,
                client,
                openAiTokens(),
                RemoteEmbeddings.Limits.OPENAI,
                circuits,
                properties);
    }

    /** For bounds only: servers that speak this API have vocabularies of their own, of much the same size. */
    private static TokenCountEstimator openAiTokens() {
        return new OpenAiTokenCountEstimator(OPENAI_DEFAULT);
    }
}
