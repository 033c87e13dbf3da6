package org.caravanserai.conversation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.caravanserai.model.Question;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Trace;
import org.springframework.stereotype.Component;

/** Adds what is known of the contact to the question. */
@Component("enrichQuestion")
public class EnrichQuestion {

    private final TenantTransactions transactions;

    private record Contact(String address, String name, String channelType) {}

    EnrichQuestion(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /** Replaces {@code HubQuestion} by one that carries the contact's facts. */
    public void contact(Exchange exchange) {
        long start = System.nanoTime();
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        Contact contact = transactions.in(turn.tenantId(), jdbc -> jdbc.sql("""
                        select k.address, k.name, c.type as channel_type
                          from contacts k join channels c on c.id = k.channel_id where k.id = ?""")
                .param(turn.contactId())
                .query(Contact.class)
                .single());
        List<String> facts = new ArrayList<>();
        if (contact.name != null && !contact.name.isBlank()) {
            facts.add("The contact's name is " + contact.name + ".");
        }
        facts.add("The contact writes by " + contact.channelType + ".");
        Question question = exchange.getProperty("HubQuestion", Question.class);
        exchange.setProperty("HubQuestion", question.withFacts(facts));
        Trace.add(exchange, Hop.since(start, "enriched", "ok", Map.of("facts", facts.size())));
    }
}
