package org.caravanserai.retrieval;

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
    VectorStore luceneVectors(TenantIndexes indexes) {
        return new LuceneVectors(indexes);
    }
}
