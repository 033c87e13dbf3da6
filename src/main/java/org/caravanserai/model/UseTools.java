package org.caravanserai.model;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Trace;
import org.caravanserai.tool.CallResults;
import org.caravanserai.tool.Fingerprint;
import org.caravanserai.tool.ProposedCalls;
import org.caravanserai.tool.Tool;
import org.caravanserai.tool.ToolContext;
import org.caravanserai.tool.ToolProperties;
import org.caravanserai.tool.ToolResult;
import org.caravanserai.tool.Toolbox;
import org.springframework.stereotype.Component;

/**
 * Lets a model call tools: it is asked, what it calls is called, and it is asked again with the results, a few rounds at
 * most. A mistake of the model's goes back to it as a result; whatever happens, the round ends and is on the timeline.
 */
@Component("useTools")
public class UseTools {

    private static final String LAST_ROUND = "\n(No more tools can be called. Answer now.)";

    /** Outcomes of calls that may have changed something. */
    private static final Set<String> HAS_RUN = Set.of("ok", "failed", "timed_out");

    private static final Set<String> DECIDED = Set.of("done", "failed", "refused");

    private final Toolbox toolbox;
    private final ProposedCalls proposed;
    private final CallResults results;
    private final PromptFlags flags;
    private final ToolProperties properties;

    UseTools(
            Toolbox toolbox,
            ProposedCalls proposed,
            CallResults results,
            PromptFlags flags,
            ToolProperties properties) {
        this.results = results;
        this.flags = flags;
        this.toolbox = toolbox;
        this.proposed = proposed;
        this.properties = properties;
    }

    /** Offers the tools of the tenant's allow-list to the model. */
    public void offer(@ExchangeProperty(PromptMessages.CALL) ModelCall call, Exchange exchange) {
        if (!call.toolUse().isOpen()) {
            exchange.getMessage().setBody("");
            return;
        }
        Question question = call.question();
        call.toolUse().offer(toolbox.enabled(question.tenantId(), question.settings()));
    }

    /** Whether the model is to be asked, for the first time or again. */
    public boolean goesOn(@ExchangeProperty(PromptMessages.CALL) ModelCall call) {
        return call.toolUse().isOpen();
    }

    /**
     * Calls what the model wants called.
     *
     * @return the messages of the next round, or the model's text if it is done
     */
    public Object use(@ExchangeProperty(PromptMessages.CALL) ModelCall call, Exchange exchange) {
        ToolUse use = call.toolUse();
        AiMessage said = use.said();
        if (call.failed() || said == null || !said.hasToolExecutionRequests()) {
            use.close();
            return said == null || said.text() == null ? "" : said.text();
        }
        if (use.rounds() >= properties.maxRounds() || left(use).isNegative()) {
            String why = use.rounds() >= properties.maxRounds() ? "tool_loop" : "tools_too_slow";
            hop(exchange, said.toolExecutionRequests().getFirst(), why, System.nanoTime());
            use.stop(why);
            return "";
        }
        List<ToolExecutionResultMessage> told = new ArrayList<>();
        for (ToolExecutionRequest request : said.toolExecutionRequests()) {
            String result = use.mask().hide(call(restored(request, use), told.size(), call, exchange));
            if (flags.isSuspect("tool", result)) {
                use.suspect("tool " + request.name());
            }
            if (use.rounds() + 1 == properties.maxRounds()
                    && told.size() + 1 == said.toolExecutionRequests().size()) {
                result += LAST_ROUND;
            }
            told.add(ToolExecutionResultMessage.from(request, result));
        }
        use.add(said, told);
        if (use.handOver() != null) {
            use.stop("handed_over");
            return "";
        }
        return new ArrayList<>(use.messages()); // which the chat component writes to
    }

    /** With what was hidden from the model: the tool needs it. */
    private static ToolExecutionRequest restored(ToolExecutionRequest request, ToolUse use) {
        return use.mask().isOn() && request.arguments() != null
                ? request.toBuilder()
                        .arguments(use.mask().restore(request.arguments()))
                        .build()
                : request;
    }

    private Duration left(ToolUse use) {
        return properties.maxTime().minusNanos(use.nanos());
    }

    private String call(ToolExecutionRequest request, int place, ModelCall call, Exchange exchange) {
        long start = System.nanoTime();
        Tool tool = request.name() == null ? null : call.toolUse().offered().get(request.name());
        ToolResult result;
        if (place >= properties.maxCallsPerRound()) {
            result = new ToolResult(
                    "too_many", "At most " + properties.maxCallsPerRound() + " tools can be called at once.");
        } else if (tool == null) {
            result = new ToolResult(
                    "unknown",
                    "There is no such tool. There are: "
                            + String.join(", ", call.toolUse().offered().keySet()));
        } else if (call.toolUse().handOver() != null) {
            result = new ToolResult("skipped", "A person takes over.");
        } else {
            result = call(tool, request, call, exchange);
        }
        hop(exchange, request, result.outcome(), start);
        call.toolUse().takeNotes().forEach(hop -> Trace.add(exchange, hop));
        return result.text();
    }

    private ToolResult call(Tool tool, ToolExecutionRequest request, ModelCall call, Exchange exchange) {
        Question question = call.question();
        UUID message = exchange.getProperty("HubMessageId", UUID.class);
        String key = key(message, request);
        TenantSettings.Tools settings = question.settings().tools();
        boolean needsApproval =
                settings.approval() != null && settings.approval().contains(tool.name());
        if (needsApproval) {
            String problem = toolbox.problem(tool, request.arguments());
            if (problem != null) {
                return new ToolResult("invalid", problem);
            }
            if (message == null) {
                return new ToolResult(
                        "needs_approval", "A person must approve this call, and nobody is there to do so.");
            }
            Optional<ProposedCalls.View> before = proposed.find(question.tenantId(), message, key);
            if (before.isPresent() && DECIDED.contains(before.get().status())) {
                return decided(before.get());
            }
            call.toolUse()
                    .handOver(new HandOver(
                            "approval", null, List.of(new HandOver.Proposal(tool.name(), request.arguments(), key))));
            return new ToolResult("needs_approval", "A person must approve this call first.");
        }
        boolean isKept = message != null && !tool.isRepeatable();
        if (isKept) {
            Optional<ToolResult> before = results.before(question.tenantId(), message, key, call.id());
            if (before.isPresent()) {
                return new ToolResult("reused", before.get().text());
            }
        }
        Map<String, Object> handed = new LinkedHashMap<>();
        handed.put(RetrievePassages.QUESTION, question);
        handed.put(PromptMessages.CALL, call);
        ToolContext context = new ToolContext(
                question.tenantId(),
                question.settings(),
                exchange.getProperty("HubConversationId", UUID.class),
                key,
                handed);
        ToolResult result = toolbox.call(tool, request.arguments(), context, left(call.toolUse()));
        if (isKept && HAS_RUN.contains(result.outcome())) {
            results.keep(
                    question.tenantId(),
                    message,
                    key,
                    call.id(),
                    new CallResults.Made(tool.name(), given(request), result.outcome(), result.text()));
        }
        return result;
    }

    private static String given(ToolExecutionRequest request) {
        return request.arguments() == null || request.arguments().isBlank() ? "{}" : request.arguments();
    }

    private static ToolResult decided(ProposedCalls.View call) {
        return switch (call.status()) {
            case "done" -> new ToolResult("approved", "A person approved the call. It gave: " + call.result());
            case "failed" -> new ToolResult("failed", "A person approved the call, but it failed: " + call.result());
            default ->
                new ToolResult(
                        "refused",
                        (call.result() == null
                                        ? "A person refused this call."
                                        : "This call was not approved. " + call.result())
                                + " Tell the contact that it cannot be done.");
        };
    }

    /** The same for the same call, however a model sets its arguments. */
    private String key(UUID message, ToolExecutionRequest request) {
        return Fingerprint.of((message == null ? UUID.randomUUID() : message) + "\n" + request.name() + "\n"
                + toolbox.canonical(request.arguments()));
    }

    private void hop(Exchange exchange, ToolExecutionRequest request, String outcome, long start) {
        Map<String, Object> detail = new LinkedHashMap<>();
        String name = String.valueOf(request.name());
        detail.put("tool", name.length() <= 64 ? name : name.substring(0, 64));
        String arguments = request.arguments() == null ? "" : request.arguments();
        detail.put("argumentsSha256", Fingerprint.of(arguments));
        detail.put("argumentsLength", arguments.length());
        Trace.add(exchange, Hop.since(start, "tool", outcome, detail));
    }
}
