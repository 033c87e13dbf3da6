package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import java.util.UUID;
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
    private final AskTenant ask;

    /** What was found. */
    record Found(List<Passage> items) {}

    KnowledgeController(Tenants tenants, Retriever retriever, AskTenant ask) {
        this.tenants = tenants;
        this.retriever = retriever;
        this.ask = ask;
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
    AskTenant.Reply ask(@PathVariable("t") UUID tenantId, @RequestBody JsonNode json) {
        return ask.ask(tenantId, AskTenant.question(json, TEXT_MAX));
    }
}
