package org.caravanserai.retrieval;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.caravanserai.failure.Circuits;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class RetrievalConfiguration {

    @Bean
    Terms terms() {
        return new Terms();
    }

    @Bean
    Reranking reranking(RerankProperties properties, Circuits circuits, ObjectMapper json) {
        return new Reranking(properties.isOn() ? new HttpReranker(properties, json) : null, circuits, properties);
    }
}
