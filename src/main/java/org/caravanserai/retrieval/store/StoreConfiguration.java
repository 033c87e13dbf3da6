package org.caravanserai.retrieval.store;

import dev.langchain4j.model.embedding.EmbeddingModel;
import org.caravanserai.failure.Circuits;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The stores outside. The embedded one is the retrieval's own. */
@Configuration(proxyBeanMethods = false)
class StoreConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnProperty(name = "hub.vectors.store", havingValue = "qdrant")
    FollowingStore qdrant(VectorProperties properties, VectorFeed feed, EmbeddingModel embeddings, Circuits circuits) {
        return new FollowingStore(
                new QdrantTable(properties.qdrant(), circuits), feed, embeddings, properties.maxWait());
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnProperty(name = "hub.vectors.store", havingValue = "pgvector")
    FollowingStore pgvector(
            VectorProperties properties, VectorFeed feed, EmbeddingModel embeddings, TenantTransactions transactions) {
        return new FollowingStore(new PgvectorTable(transactions), feed, embeddings, properties.maxWait());
    }
}
