package org.caravanserai.inbound;

import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.apache.camel.Exchange;
import org.caravanserai.failure.DatabaseFailures;
import org.caravanserai.failure.IgnoredException;
import org.caravanserai.failure.RareWarnings;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.limit.Taken;
import org.caravanserai.security.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/** Turns a door's failure into the answer that makes the sender do the right thing. Used by the policy for doors. */
@Component("answerProblem")
public class AnswerProblem {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerProblem.class);
    static final String BUSY = "The hub is starting, stopping, or full. Send it again.";
    private static final String AGAIN = "The event could not be stored now. Send it again.";

    private final Problems problems;
    private final RareWarnings warnings;
    private final DoorLimits limits;

    AnswerProblem(Problems problems, RareWarnings warnings, DoorLimits limits) {
        this.limits = limits;
        this.problems = problems;
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
                log(exchange.getFromRouteId(), rejected);
                reject(exchange, rejected);
            }
            case null, default -> {
                log(exchange.getFromRouteId(), failure);
                exchange.getMessage().setHeader(HttpHeaders.RETRY_AFTER, "5");
                int status = HttpStatus.SERVICE_UNAVAILABLE.value();
                problem(exchange, status, problems.body(status, AGAIN, List.of()));
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
            problem(exchange, rejected.status(), problems.body(rejected.status(), detail, rejected.errors()));
            return;
        }
        exchange.getMessage().setHeader(HttpHeaders.RETRY_AFTER, Long.toString(reached.retryAfterSeconds()));
        exchange.getMessage().setHeader(Taken.POLICY_HEADER, reached.policyItem());
        exchange.getMessage().setHeader(Taken.HEADER, reached.item());
        int status = HttpStatus.TOO_MANY_REQUESTS.value();
        problem(exchange, status, problems.body(status, detail, List.of()));
    }

    /** The same for what fails before its route. */
    void refuse(String door, Exception failure, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (!(failure instanceof RejectedException rejected)) {
            log(door, failure);
            problems.writeLater(response, AGAIN);
            return;
        }
        log(door, rejected);
        if (rejected.status() == HttpStatus.REQUEST_TIMEOUT.value()) {
            response.setHeader(HttpHeaders.CONNECTION, "close"); // the rest would be read as another request
            problems.write(response, rejected);
            return;
        }
        Taken reached = limits.refused(request, rejected.status());
        if (reached == null) {
            problems.write(response, rejected);
        } else {
            tooMany(response, reached);
        }
    }

    /** Whoever was refused too often is told to wait. */
    void tooMany(HttpServletResponse response, Taken reached) throws IOException {
        reached.tell(response);
        response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(reached.retryAfterSeconds()));
        problems.write(response, HttpStatus.TOO_MANY_REQUESTS.value(), DoorLimits.words(reached));
    }

    /** The hub starts, stops, or has no door open for it. */
    void busy(HttpServletResponse response) throws IOException {
        problems.writeLater(response, BUSY);
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
    private void log(String door, RejectedException rejected) {
        String text = "Door " + door + " answered " + rejected.status();
        // what a parser says of a body that is none may quote it
        warnings.warn(
                LOG, door + rejected.status(), rejected.status() == 400 ? text : text + ": " + rejected.getMessage());
    }

    private static void problem(Exchange exchange, int status, byte[] body) {
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        exchange.getMessage().setBody(body);
    }
}
