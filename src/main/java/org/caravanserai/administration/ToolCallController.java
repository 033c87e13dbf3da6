package org.caravanserai.administration;

import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import java.util.UUID;
import org.caravanserai.conversation.ConversationViews;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tool.ProposedCalls;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The calls of tools that wait for a person, or did. */
@RestController
@RequestMapping("/api/tenants/{t}/conversations/{v}/tool-calls")
class ToolCallController {

    private final TenantTransactions transactions;
    private final ConversationViews conversations;
    private final ProposedCalls calls;
    private final ToolCallDesk desk;

    ToolCallController(
            TenantTransactions transactions, ConversationViews conversations, ProposedCalls calls, ToolCallDesk desk) {
        this.transactions = transactions;
        this.conversations = conversations;
        this.calls = calls;
        this.desk = desk;
    }

    @Operation(summary = "Calls of tools that need a person's approval, newest first")
    @GetMapping
    Page<ProposedCalls.View> list(
            @PathVariable("t") UUID tenantId, @PathVariable("v") UUID conversationId, PageRequest page) {
        List<ProposedCalls.View> rows = transactions.in(tenantId, jdbc -> {
            conversations.find(jdbc, conversationId).orElseThrow(() -> RejectedException.notFound("The conversation"));
            return calls.page(jdbc, conversationId, page.afterId(), page.limit() + 1);
        });
        return Page.of(rows, page, ProposedCalls.View::id);
    }

    @Operation(summary = "Approve a call: it is made once, and the model answers with its result")
    @PostMapping("/{c}/approve")
    ProposedCalls.View approve(
            @PathVariable("t") UUID tenantId, @PathVariable("v") UUID conversationId, @PathVariable("c") UUID id) {
        return desk.approve(tenantId, conversationId, id);
    }

    @Operation(summary = "Refuse a call; the conversation stays with the person")
    @PostMapping("/{c}/refuse")
    ProposedCalls.View refuse(
            @PathVariable("t") UUID tenantId, @PathVariable("v") UUID conversationId, @PathVariable("c") UUID id) {
        return desk.refuse(tenantId, conversationId, id);
    }
}
