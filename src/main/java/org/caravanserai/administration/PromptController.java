package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.model.PromptRecord;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What a model was asked for a reply. */
@RestController
class PromptController {

    private final TenantTransactions transactions;
    private final PromptRecord prompts;

    /** @param messages in their order, each with its role, text and calls of tools @param tools that it was offered */
    record PromptView(
            @Schema(types = "array") JsonNode messages,
            @Schema(types = "array") JsonNode tools) {}

    PromptController(TenantTransactions transactions, PromptRecord prompts) {
        this.transactions = transactions;
        this.prompts = prompts;
    }

    @Operation(summary = "What a model was asked for this reply, with what the tenant hides still hidden")
    @GetMapping("/api/tenants/{t}/messages/{m}/prompt")
    PromptView prompt(@PathVariable("t") UUID tenantId, @PathVariable("m") UUID id) {
        return transactions
                .in(tenantId, jdbc -> prompts.find(jdbc, id))
                .map(prompt -> new PromptView(prompt.get("messages"), prompt.get("tools")))
                .orElseThrow(() -> RejectedException.notFound("The prompt"));
    }
}
