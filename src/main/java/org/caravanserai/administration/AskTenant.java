package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
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
import org.caravanserai.model.AnswerStream;
import org.caravanserai.model.Question;
import org.caravanserai.model.ReaderGoneException;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.tenant.Tenants;
import org.springframework.stereotype.Component;

/** Asks a tenant's documents and model a question, by the route that conversations are answered by. */
@Component
class AskTenant {

    private final Tenants tenants;
    private final ProducerTemplate camel;

    /** What was answered. @param usage an {@link Answer.Usage}, or an empty object where no model was asked */
    record Reply(
            String text,
            List<Citation> citations,

            @Schema(anyOf = {Answer.Usage.class, NoUsage.class})
            Object usage) {}

    /** Stands in the API's description for the empty object. */
    @Schema(types = "object", maxProperties = 0)
    record NoUsage() {}

    AskTenant(Tenants tenants, ProducerTemplate camel) {
        this.tenants = tenants;
        this.camel = camel;
    }

    /** The question in a body of the one field {@code text}. */
    static String question(JsonNode json, int maxLength) {
        Fields body = Fields.of(json);
        String text = body.required("text", maxLength);
        body.finish();
        return text;
    }

    /**
     * @param reader who reads the answer while it is written; null if nobody does
     * @throws RetryableException if it cannot be answered now
     * @throws ReaderGoneException if the reader has gone
     */
    Reply ask(UUID tenantId, String text, AnswerStream reader) {
        Question question = new Question(tenantId, tenants.settings(tenantId), List.of(text), List.of(), List.of())
                .from(new Question.Origin(null, null, reader));
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
        for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
            if (inner instanceof ReaderGoneException gone) {
                return gone;
            }
        }
        return cause instanceof HubException known
                ? known
                : new RetryableException("The question could not be answered now. Try again in a moment.", cause);
    }
}
