package org.caravanserai.model;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.component.langchain4j.embeddings.LangChain4jEmbeddingsHeaders;
import org.caravanserai.failure.HubException;
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
    private static final String MISSING = "HubQueryVectorMissing";

    private final Retriever retriever;

    RetrievePassages(Retriever retriever) {
        this.retriever = retriever;
    }

    /** What is to be embedded: the question, bounded; empty if nothing is to be searched. */
    public Object text(@ExchangeProperty(QUESTION) Question question, Exchange exchange) {
        exchange.setProperty(STARTED, Instant.now());
        exchange.removeProperty(VECTOR);
        exchange.removeProperty(MISSING);
        exchange.getMessage().removeHeaders("CamelLangChain4jEmbeddings*");
        String text = question.settings().retrievalOrDefault().enabled() ? Retriever.bound(question.text()) : "";
        return text.isEmpty() ? text : TenantText.of(question.tenantId(), question.settings(), text);
    }

    /** The question could not be embedded: keeps why, for the search that follows. */
    public void withoutVector(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception why, Exchange exchange) {
        exchange.setProperty(MISSING, why);
    }

    /**
     * Searches, and leaves the passages that fit in the property {@code HubPassages}.
     *
     * @throws Exception why the question could not be embedded, unless its words find something or the budget is used up
     */
    public void find(@ExchangeProperty(QUESTION) Question question, Exchange exchange) throws Exception {
        float[] vector = exchange.getMessage().getHeader(LangChain4jEmbeddingsHeaders.VECTOR, float[].class);
        Exception missing = exchange.getProperty(MISSING, Exception.class);
        exchange.getMessage().removeHeaders("CamelLangChain4jEmbeddings*");
        exchange.removeProperty(MISSING);
        exchange.setProperty(VECTOR, vector);
        Retriever.Sought sought = new Retriever.Sought(
                question.tenantId(), question.text(), question.settings(), PersonalData.hidden(question.settings()));
        List<Passage> passages = List.of();
        if (missing instanceof HubException why) {
            passages = retriever.byWords(why, () -> retriever.relevant(sought, null));
        } else if (missing != null) {
            throw missing;
        } else if (vector != null) {
            passages = retriever.relevant(sought, vector);
        }
        exchange.setProperty(PASSAGES, passages);
        Instant started = exchange.getProperty(STARTED, Instant.class);
        Trace.add(
                exchange,
                new Hop(
                        "retrieved",
                        passages.isEmpty() ? "nothing" : "found",
                        started,
                        Duration.between(started, Instant.now()).toMillis(),
                        hop(passages, missing)));
    }

    private static Map<String, Object> hop(List<Passage> passages, Exception missing) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("passages", passages.stream().map(RetrievePassages::detail).toList());
        if (missing != null) {
            detail.put("wordsAlone", missing.getMessage());
        }
        return detail;
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
