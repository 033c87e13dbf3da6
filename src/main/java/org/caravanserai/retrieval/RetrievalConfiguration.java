package org.caravanserai.retrieval;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.caravanserai.failure.Circuits;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.retrieval.store.VectorStore;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class RetrievalConfiguration {

    @Bean
    Terms terms() {
        return new Terms();
    }

    /** Where no other store is chosen. */
    @Bean
    @ConditionalOnProperty(name = "hub.vectors.store", havingValue = VectorProperties.EMBEDDED, matchIfMissing = true)
    VectorStore luceneVectors(TenantIndexes indexes, IndexFollower follower, ChunkFeed feed) {
        return new LuceneVectors(indexes, follower, feed);
    }

    /** For searches in the index on this hub's disk. */
    @Bean
    ProcessorThreads searchThreads() {
        return new ProcessorThreads("search-", Runtime.getRuntime().availableProcessors());
    }

    @Bean
    Reranking reranking(RerankProperties properties, Circuits circuits, ObjectMapper json) {
        return new Reranking(reranker(properties, json), circuits, properties);
    }

    private static Reranker reranker(RerankProperties properties, ObjectMapper json) {
        if (properties.hasUrl()) {
            return new HttpReranker(properties, json);
        }
        return properties.onnx().isGiven() ? OnnxReranker.load(properties) : null;
    }
}
