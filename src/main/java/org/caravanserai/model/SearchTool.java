package org.caravanserai.model;

import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.timeline.Trace;
import org.springframework.stereotype.Component;

/** The tool search_knowledge_base, on both sides of {@code conversation-retrieve}. */
@Component("searchTool")
public class SearchTool {

    /** Replaces {@code HubQuestion} by what the model wants to know. The tool is enabled, so it searches in any case. */
    public void ask(
            @Body Map<String, Object> arguments,
            @ExchangeProperty(RetrievePassages.QUESTION) Question question,
            Exchange exchange) {
        TenantSettings.Retrieval set = question.settings().retrievalOrDefault();
        TenantSettings settings = question.settings()
                .withRetrieval(new TenantSettings.Retrieval(
                        true,
                        set.topK(),
                        set.vectorWeight(),
                        set.keywordWeight(),
                        set.fusion(),
                        set.minScore(),
                        set.citations()));
        exchange.setProperty(
                RetrievePassages.QUESTION,
                new Question(
                        question.tenantId(),
                        settings,
                        List.of(String.valueOf(arguments.get("query"))),
                        List.of(),
                        List.of()));
    }

    /** What was found, numbered on from what the model has already, so that it can be cited. */
    public String tell(
            @ExchangeProperty(RetrievePassages.PASSAGES) List<Passage> found,
            @ExchangeProperty(PromptMessages.CALL) ModelCall call,
            Exchange exchange) {
        Trace.of(exchange).forEach(call.toolUse()::note);
        List<Passage> known = call.passages();
        List<Passage> fresh = found.stream()
                .filter(passage -> known.stream().noneMatch(one -> one.chunkId().equals(passage.chunkId())))
                .toList();
        if (fresh.isEmpty()) {
            return "Nothing more was found.";
        }
        return PromptMessages.numbered(fresh, call.add(fresh), call.toolUse().mark());
    }
}
