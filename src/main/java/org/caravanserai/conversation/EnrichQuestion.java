package org.caravanserai.conversation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.caravanserai.model.Question;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Trace;
import org.springframework.stereotype.Component;

/** Adds what is known of the contact to the question. */
@Component("enrichQuestion")
public class EnrichQuestion {

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
        Question question = exchange.getProperty("HubQuestion", Question.class);
        exchange.setProperty("HubQuestion", question.withFacts(facts));
        Trace.add(exchange, Hop.since(start, "enriched", "ok", Map.of("facts", facts.size())));
    }
}
