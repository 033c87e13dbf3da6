package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.caravanserai.failure.HubException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.model.Answer;
import org.caravanserai.model.Question;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.Tenants;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a tenant's documents hold: searched, and asked without a channel. */
@RestController
@RequestMapping("/api/tenants/{t}")
class KnowledgeController {

    private static final int TEXT_MAX = 65_536;

    private final Tenants tenants;
    private final Retriever retriever;
    private final ProducerTemplate camel;

    /** What was found. */
    record Found(List<Passage> items) {}

    /** What was answered. @param usage an {@link Answer.Usage}, or an empty object where no model was asked */
    record Reply(
            String text,
            List<Citation> citations,

            @Schema(anyOf = {Answer.Usage.class, NoUsage.class})
            Object usage) {}

    /** Stands in the document for the empty object. */
    @Schema(types = "object", maxProperties = 0)
    record NoUsage() {}

    KnowledgeController(Tenants tenants, Retriever retriever, ProducerTemplate camel) {
        this.tenants = tenants;
        this.retriever = retriever;
        this.camel = camel;
    }

    @Operation(summary = "Search the documents")
    @Shape(Bodies.Sought.class)
    @PostMapping("/search")
    Found search(@PathVariable("t") UUID tenantId, @RequestBody JsonNode json) {
        Fields body = Fields.of(json);
        String query = body.required("query", TEXT_MAX);
        Integer topK = body.integer("topK", 1, 100);
        body.finish();
        TenantSettings.Retrieval settings = tenants.settings(tenantId).retrievalOrDefault();
        return new Found(retriever.search(tenantId, query, settings, topK == null ? settings.topK() : topK));
    }

    @Operation(summary = "Ask the model, without a channel")
    @Shape(Bodies.Asked.class)
    @PostMapping("/ask")
    Reply ask(@PathVariable("t") UUID tenantId, @RequestBody JsonNode json) {
        Fields body = Fields.of(json);
        String text = body.required("text", TEXT_MAX);
        body.finish();
        Question question = new Question(tenantId, tenants.settings(tenantId), List.of(text), List.of(), List.of());
        Exchange done = camel.send("direct:conversation-ask", ExchangePattern.InOut, exchange -> {
            exchange.setProperty("HubQuestion", question);
            exchange.getMessage().setBody(text);
        });
        if (done.getException() != null) {
            throw failure(done.getException());
        }
        Answer answer = done.getMessage().getBody(Answer.class);
        return new Reply(answer.text(), answer.citations(), answer.usage() == null ? Map.of() : answer.usage());
    }

    private static RuntimeException failure(Throwable thrown) {
        Throwable cause =
                thrown instanceof CamelExecutionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof HubException known
                ? known
                : new RetryableException("The question could not be answered now. Try again in a moment.", cause);
    }
}
