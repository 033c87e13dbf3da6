package org.caravanserai.model;

import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The embedding model, and the token count of its vocabulary. */
@Configuration(proxyBeanMethods = false)
class EmbeddingConfiguration {

    @Bean(destroyMethod = "close")
    EmbeddingModel embeddingModel(EmbeddingProperties checkedAtStart) {
        return new InProcessEmbeddings();
    }

    /** The BERT vocabulary, which bge shares. Loaded when the first document is cut. */
    @Bean
    @Lazy
    TokenCountEstimator tokenCountEstimator() {
        return new HuggingFaceTokenCountEstimator();
    }
}
