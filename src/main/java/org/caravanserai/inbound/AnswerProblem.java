package org.caravanserai.inbound;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.caravanserai.failure.DatabaseFailures;
import org.caravanserai.failure.IgnoredException;
import org.caravanserai.failure.RareWarnings;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.limit.Taken;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Turns a door's failure into the answer that makes the sender do the right thing. Used by the policy for doors. */
@Component("answerProblem")
public class AnswerProblem {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerProblem.class);
    private final ObjectMapper json;
    private final RareWarnings warnings;
    private final DoorLimits limits;

    AnswerProblem(ObjectMapper json, RareWarnings warnings, DoorLimits limits) {
        this.limits = limits;
        this.json = json;
        this.warnings = warnings;
    }

    /**
     * Sets status and problem body (RFC 9457): the rejection's own 4xx; 200 for what is ignored; 503 with Retry-After
     * for everything else, so that the sender sends it again.
     */
    public void answer(Exchange exchange) throws JsonProcessingException {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        exchange.getMessage().removeHeaders("*");
        switch (failure) {
            case IgnoredException ignored -> {
                exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 200);
                exchange.getMessage().setBody("");
            }
            case RejectedException rejected -> {
                logRejection(exchange.getFromRouteId(), rejected);
                reject(exchange, rejected);
            }
            case null, default -> {
                log(exchange.getFromRouteId(), failure);
                exchange.getMessage().setHeader("Retry-After", "5");
                problem(exchange, 503, "The event could not be stored now. Send it again.", null);
            }
        }
    }

    /** As the rejection says; whoever was refused too often is told to wait. */
    private void reject(Exchange exchange, RejectedException rejected) throws JsonProcessingException {
        Taken reached = exchange.getProperty(DoorLimits.REACHED, Taken.class);
        String detail = rejected.getMessage();
        HttpServletRequest request = exchange.getProperty("HubRequest", HttpServletRequest.class);
        if (reached == null && request != null) {
            reached = limits.refused(request, rejected.status());
            detail = reached == null ? detail : DoorLimits.words(reached);
        }
        if (reached == null) {
            problem(exchange, rejected.status(), detail, rejected);
            return;
        }
        exchange.getMessage().setHeader(HttpHeaders.RETRY_AFTER, Long.toString(reached.retryAfterSeconds()));
        exchange.getMessage().setHeader(Taken.POLICY_HEADER, reached.policyItem());
        exchange.getMessage().setHeader(Taken.HEADER, reached.item());
        problem(exchange, HttpStatus.TOO_MANY_REQUESTS.value(), detail, null);
    }

    private void log(String door, Throwable failure) {
        String text = "Door " + door + " could not take an event; the sender is asked to send it again";
        if (failure instanceof RetryableException || DatabaseFailures.isAway(failure)) {
            warnings.warn(LOG, door, text + ": " + failure.getMessage());
        } else {
            LOG.warn(text, failure);
        }
    }

    /** Senders that are refused for good may drop what they sent: whoever runs the hub is to know. */
    private void logRejection(String door, RejectedException rejected) {
        String text = "Door " + door + " answered " + rejected.status();
        // what a parser says of a body that is none may quote it
        warnings.warn(
                LOG, door + rejected.status(), rejected.status() == 400 ? text : text + ": " + rejected.getMessage());
    }

    private void problem(Exchange exchange, int status, String detail, RejectedException rejected)
            throws JsonProcessingException {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", HttpStatus.valueOf(status).getReasonPhrase());
        problem.put("status", status);
        problem.put("detail", detail);
        if (rejected != null && !rejected.errors().isEmpty()) {
            problem.put("errors", rejected.errors());
        }
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/problem+json");
        exchange.getMessage().setBody(json.writeValueAsBytes(problem));
    }
}
