package org.caravanserai.administration;

import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.model.Answer;
import org.caravanserai.model.Question;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.tenant.Tenants;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Asks the tenant's documents and model without a channel, for trying and testing. */
@RestController
class AskController {

    private static final int TEXT_MAX = 64 * 1024;

    private final ProducerTemplate camel;
    private final Tenants tenants;
    private final Places places;

    record AskRequest(String text) {}

    record AskAnswer(String text, List<Citation> citations, Answer.Usage usage) {}

    AskController(ProducerTemplate camel, Tenants tenants, Places places) {
        this.camel = camel;
        this.tenants = tenants;
        this.places = places;
    }

    /** @throws RetryableException if the routes could not answer */
    @PostMapping("/api/tenants/{t}/ask")
    AskAnswer ask(@PathVariable UUID t, @RequestBody AskRequest body) {
        Checks fields = new Checks();
        String text = fields.text("text", body.text, TEXT_MAX);
        fields.check();
        Question question = new Question(t, tenants.settings(t), List.of(text), List.of(), List.of());
        Answer answer = places.in(t, () -> answer(question));
        return new AskAnswer(answer.text(), answer.citations(), answer.usage());
    }

    private Answer answer(Question question) {
        Exchange done = camel.request(
                "direct:conversation-ask", exchange -> exchange.setProperty("HubQuestion", question));
        if (done.getException() != null) {
            throw new RetryableException("The question could not be answered now. Try again in a moment.", done.getException());
        }
        return done.getMessage().getBody(Answer.class);
    }
}
