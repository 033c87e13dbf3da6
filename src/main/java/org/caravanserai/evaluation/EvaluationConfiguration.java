package org.caravanserai.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.util.concurrent.Callable;
import org.apache.camel.ProducerTemplate;
import org.caravanserai.Ids;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.logging.Reports;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.startup.StartupFailure;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A hub that is started with a collection or with questions measures itself on them, prints the report, and ends. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(EvaluationProperties.PREFIX + ".run")
@EnableConfigurationProperties(EvaluationProperties.class)
class EvaluationConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(EvaluationConfiguration.class);

    @Bean
    RetrievalEvaluation retrievalEvaluation(
            EvaluationProperties properties,
            DocumentStore documents,
            TenantTransactions transactions,
            Retriever retriever,
            EmbeddingModel embeddings,
            ObjectMapper json) {
        return new RetrievalEvaluation(properties, documents, transactions, retriever, embeddings, json);
    }

    @Bean
    AnswerEvaluation answerEvaluation(
            EvaluationProperties properties,
            DocumentStore documents,
            TenantTransactions transactions,
            Retriever retriever,
            EmbeddingModel embeddings,
            ProducerTemplate camel,
            ObjectMapper json) {
        return new AnswerEvaluation(properties, documents, transactions, retriever, embeddings, camel, json);
    }

    @Bean
    LatencyEvaluation latencyEvaluation(
            EvaluationProperties properties,
            DocumentStore documents,
            TenantTransactions transactions,
            Retriever retriever,
            EmbeddingModel embeddings,
            Ids ids) {
        return new LatencyEvaluation(properties, documents, transactions, retriever, embeddings, ids);
    }

    @Bean
    ApplicationListener<AvailabilityChangeEvent<ReadinessState>> evaluationOnceReady(
            EvaluationProperties properties,
            RetrievalEvaluation retrieval,
            AnswerEvaluation answers,
            LatencyEvaluation latency,
            ConfigurableApplicationContext hub) {
        Callable<Boolean> asked = () -> {
            boolean isGood = true;
            if (properties.collection() != null) {
                LOG.info(Reports.MARKER, "{}", retrieval.run().text());
            }
            if (properties.chunks() > 0) {
                LOG.info("{}", latency.run());
            }
            if (properties.questions() != null) {
                AnswerEvaluation.Report report = answers.run();
                LOG.info(Reports.MARKER, "{}", report.text());
                isGood = report.isGood();
            }
            return isGood;
        };
        return event -> {
            if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
                Thread.ofPlatform().name("evaluation").start(() -> runAndEnd(asked, hub));
            }
        };
    }

    private static void runAndEnd(Callable<Boolean> evaluation, ConfigurableApplicationContext hub) {
        boolean isGood = false;
        try {
            isGood = evaluation.call();
        } catch (StartupFailure wrong) {
            LOG.error("{} {}", wrong.getMessage(), wrong.action());
        } catch (Exception failed) { // whatever it is, the process must end and say so
            LOG.error("The evaluation failed: {}", failed.getMessage(), failed);
        }
        int status = isGood ? 0 : 1;
        System.exit(SpringApplication.exit(hub, () -> status));
    }
}
