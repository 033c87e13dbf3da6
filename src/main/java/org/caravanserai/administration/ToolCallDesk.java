package org.caravanserai.administration;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Tenants;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.tool.ProposedCalls;
import org.caravanserai.tool.Tool;
import org.caravanserai.tool.ToolContext;
import org.caravanserai.tool.ToolResult;
import org.caravanserai.tool.Toolbox;
import org.springframework.stereotype.Component;

/**
 * A person's decision on a call that a model wants to make. Approved, it is made once, and the conversation goes back to the
 * model, which answers with the result; refused, it stays with the person.
 */
@Component
class ToolCallDesk {

    /** After so long, a call that has no result was being made by a hub that died. */
    private static final Duration UNKNOWN_AFTER = Duration.ofMinutes(10);

    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final TenantTransactions transactions;
    private final Tenants tenants;
    private final ProposedCalls calls;
    private final Toolbox toolbox;
    private final Timeline timeline;
    private final ConversationDesk conversations;

    private record Claimed(ProposedCalls.View call, String key, boolean isOurs) {}

    ToolCallDesk(
            TenantTransactions transactions,
            Tenants tenants,
            ProposedCalls calls,
            Toolbox toolbox,
            Timeline timeline,
            ConversationDesk conversations) {
        this.transactions = transactions;
        this.tenants = tenants;
        this.calls = calls;
        this.toolbox = toolbox;
        this.timeline = timeline;
        this.conversations = conversations;
    }

    /** Makes the call, unless it was approved before. @throws RejectedException 409 if it was refused, or 404 */
    ProposedCalls.View approve(UUID tenantId, UUID conversationId, UUID id) {
        Claimed claimed = transactions.in(tenantId, jdbc -> {
            ProposedCalls.View call = calls.lock(jdbc, conversationId, id).orElseThrow(ToolCallDesk::notFound);
            if (call.status().equals("refused")) {
                throw new RejectedException(409, "The call was refused; it cannot be approved any more.");
            }
            boolean isOurs = call.status().equals("pending");
            if (isOurs) {
                calls.set(jdbc, id, "approved", null);
            }
            return new Claimed(call, calls.key(jdbc, id), isOurs);
        });
        if (!claimed.isOurs) {
            return view(tenantId, conversationId, id);
        }
        long start = System.nanoTime();
        ToolResult result = make(tenantId, conversationId, claimed);
        boolean isDone = result.outcome().equals("ok");
        boolean isOver = transactions.in(tenantId, jdbc -> {
            calls.set(jdbc, id, isDone ? "done" : "failed", result.text());
            Hop hop = Hop.since(
                    start,
                    "tool",
                    isDone ? "approved" : result.outcome(),
                    Map.of("tool", claimed.call.tool(), "callId", id));
            timeline.record(jdbc, tenantId, claimed.call.messageId(), List.of(hop));
            return calls.isOver(jdbc, conversationId, claimed.call.createdAt());
        });
        if (isOver) {
            conversations.setStatus(tenantId, conversationId, "active");
        }
        return view(tenantId, conversationId, id);
    }

    /** Refuses the call. @throws RejectedException 409 if it was made, or is being made, or 404 */
    ProposedCalls.View refuse(UUID tenantId, UUID conversationId, UUID id) {
        return transactions.in(tenantId, jdbc -> {
            ProposedCalls.View call = calls.lock(jdbc, conversationId, id).orElseThrow(ToolCallDesk::notFound);
            boolean isLost = call.status().equals("approved")
                    && call.decidedAt() != null
                    && call.decidedAt().plus(UNKNOWN_AFTER).isBefore(Instant.now());
            if (call.status().equals("pending") || isLost) {
                calls.set(jdbc, id, "refused", isLost ? ProposedCalls.LOST : null);
                Hop hop = Hop.now("tool", "refused", Map.of("tool", call.tool(), "callId", id));
                timeline.record(jdbc, tenantId, call.messageId(), List.of(hop));
            } else if (!call.status().equals("refused")) {
                throw new RejectedException(409, "The call is approved; it cannot be refused any more.");
            }
            return calls.lock(jdbc, conversationId, id).orElseThrow();
        });
    }

    private ToolResult make(UUID tenantId, UUID conversationId, Claimed claimed) {
        TenantSettings settings = tenants.settings(tenantId);
        Tool tool = toolbox.enabled(tenantId, settings).get(claimed.call.tool());
        if (tool == null) {
            return new ToolResult("unknown", "The tool is not enabled any more.");
        }
        ToolContext context = new ToolContext(tenantId, settings, conversationId, claimed.key, Map.of());
        return toolbox.call(tool, claimed.call.arguments(), context, LONGEST);
    }

    private ProposedCalls.View view(UUID tenantId, UUID conversationId, UUID id) {
        return transactions.in(
                tenantId, jdbc -> calls.lock(jdbc, conversationId, id).orElseThrow(ToolCallDesk::notFound));
    }

    private static RejectedException notFound() {
        return RejectedException.notFound("The call");
    }
}
