package org.caravanserai.model;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.component.langchain4j.embeddings.LangChain4jEmbeddingsHeaders;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.retrieval.TenantText;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Trace;
import org.springframework.stereotype.Component;

/** The steps of the route {@code conversation-retrieve} on both sides of the embedding. */
@Component("retrievePassages")
public class RetrievePassages {

    static final String QUESTION = "HubQuestion";
    static final String PASSAGES = "HubPassages";
    static final String VECTOR = "HubQueryVector";
    private static final String STARTED = "HubRetrieveStarted";

    private final Retriever retriever;

    RetrievePassages(Retriever retriever) {
        this.retriever = retriever;
    }

    /** What is to be embedded: the question, bounded; empty if nothing is to be searched. */
    public Object text(@ExchangeProperty(QUESTION) Question question, Exchange exchange) {
        exchange.setProperty(STARTED, Instant.now());
        exchange.removeProperty(VECTOR);
        exchange.getMessage().removeHeaders("CamelLangChain4jEmbeddings*");
        return question.settings().retrievalOrDefault().enabled() ? embeddable(question) : "";
    }

    /** Without the personal data that the tenant wants hidden: whoever embeds it may be outside. */
    private static Object embeddable(Question question) {
        String text = PersonalData.hidden(question.settings()).apply(Retriever.bound(question.text()));
        return text.isEmpty() ? text : TenantText.of(question.tenantId(), text);
    }

    /** Searches, and leaves the passages that fit in the property {@code HubPassages}. */
    public void find(@ExchangeProperty(QUESTION) Question question, Exchange exchange) {
        float[] vector = exchange.getMessage().getHeader(LangChain4jEmbeddingsHeaders.VECTOR, float[].class);
        exchange.getMessage().removeHeaders("CamelLangChain4jEmbeddings*");
        exchange.setProperty(VECTOR, vector);
        List<Passage> passages = vector == null
                ? List.of()
                : retriever.relevant(
                        new Retriever.Sought(
                                question.tenantId(),
                                question.text(),
                                question.settings().retrievalOrDefault(),
                                PersonalData.hidden(question.settings())),
                        vector);
        exchange.setProperty(PASSAGES, passages);
        Instant started = exchange.getProperty(STARTED, Instant.class);
        Trace.add(
                exchange,
                new Hop(
                        "retrieved",
                        passages.isEmpty() ? "nothing" : "found",
                        started,
                        Duration.between(started, Instant.now()).toMillis(),
                        Map.of(
                                "passages",
                                passages.stream().map(RetrievePassages::detail).toList())));
    }

    private static Map<String, Object> detail(Passage passage) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("chunkId", passage.chunkId());
        detail.put("documentId", passage.documentId());
        detail.put("score", passage.score());
        detail.put("vectorScore", passage.vectorScore());
        detail.put("keywordScore", passage.keywordScore());
        return detail;
    }
}
