package org.caravanserai.conversation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.caravanserai.model.Question;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Trace;
import org.caravanserai.tool.CallResults;
import org.caravanserai.tool.ProposedCalls;
import org.springframework.stereotype.Component;

/** Adds what is known of the contact to the question. */
@Component("enrichQuestion")
public class EnrichQuestion {

    private final ProposedCalls proposed;
    private final CallResults results;

    EnrichQuestion(ProposedCalls proposed, CallResults results) {
        this.proposed = proposed;
        this.results = results;
    }

    /** Replaces {@code HubQuestion} by one that carries the contact's facts. */
    public void contact(Exchange exchange) {
        long start = System.nanoTime();
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        String name = turn.contact().name();
        List<String> facts = new ArrayList<>();
        if (name != null && !name.isBlank()) {
            facts.add("The contact's name is " + name + ".");
        }
        facts.add("The contact writes by " + turn.channelType() + ".");
        facts.addAll(decisions(turn));
        facts.addAll(effects(turn));
        Question question = exchange.getProperty("HubQuestion", Question.class);
        exchange.setProperty("HubQuestion", question.withFacts(facts));
        Trace.add(exchange, Hop.since(start, "enriched", "ok", Map.of("facts", facts.size())));
    }

    /** What became of the calls that a person had to approve. */
    private List<String> decisions(Turn turn) {
        TenantSettings.Tools tools = turn.settings().tools();
        if (tools == null || tools.approval() == null || tools.approval().isEmpty()) {
            return List.of();
        }
        return proposed.decided(turn.tenantId(), turn.inbound().getFirst()).stream()
                .map(EnrichQuestion::decision)
                .toList();
    }

    /** What an earlier turn of these messages did, whose reply was never sent. */
    private List<String> effects(Turn turn) {
        TenantSettings.Tools tools = turn.settings().tools();
        if (tools == null || tools.enabled() == null || tools.enabled().isEmpty()) {
            return List.of();
        }
        return results.all(turn.tenantId(), turn.inbound().getFirst()).stream()
                .map(call -> (call.outcome().equals("ok")
                                ? "Done already for these messages, not to be done again: the call of "
                                : "Tried already for these messages; whether it had an effect is not known: the call of ")
                        + call.tool() + " with " + call.arguments() + ". It gave: " + call.result())
                .toList();
    }

    private static String decision(ProposedCalls.View call) {
        String made = "the call of " + call.tool() + " with " + call.arguments();
        if (call.status().equals("done")) {
            return "A person approved " + made + ". It gave: " + call.result();
        }
        return call.result() == null
                ? "A person refused " + made + "."
                : "It was not approved: " + made + ". " + call.result();
    }
}
