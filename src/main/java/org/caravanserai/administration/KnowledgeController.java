package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import org.caravanserai.failure.HubException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.model.PersonalData;
import org.caravanserai.model.ReaderGoneException;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a tenant's documents hold: searched, and asked without a channel. */
@RestController
@RequestMapping("/api/tenants/{t}")
class KnowledgeController {

    private static final Logger LOG = LoggerFactory.getLogger(KnowledgeController.class);
    private static final int TEXT_MAX = 65_536;

    private final Tenants tenants;
    private final Retriever retriever;
    private final AskTenant ask;
    private final ObjectMapper json;

    /** What was found. */
    record Found(List<Passage> items) {}

    KnowledgeController(Tenants tenants, Retriever retriever, AskTenant ask, ObjectMapper json) {
        this.tenants = tenants;
        this.retriever = retriever;
        this.ask = ask;
        this.json = json;
    }

    @Operation(summary = "Search the documents")
    @Shape(Bodies.Sought.class)
    @PostMapping("/search")
    Found search(@PathVariable("t") UUID tenantId, @RequestBody JsonNode json) {
        Fields body = Fields.of(json);
        String query = body.required("query", TEXT_MAX);
        Integer topK = body.integer("topK", 1, 100);
        body.finish();
        TenantSettings settings = tenants.settings(tenantId);
        TenantSettings.Retrieval retrieval = settings.retrievalOrDefault();
        return new Found(retriever.search(
                new Retriever.Sought(tenantId, query, settings, PersonalData.hidden(settings)),
                topK == null ? retrieval.topK() : topK));
    }

    @Operation(
            summary = "Ask the model, without a channel",
            description = "With Accept: text/event-stream the answer comes while it is written: events \"delta\""
                    + " {\"text\"}; \"restart\" {} when what came so far is void, since another model is asked or a tool"
                    + " was called; at the end \"answer\", which is what counts and what the JSON answer holds, or"
                    + " \"problem\" with a problem's body, if it fails after the first event.")
    @ApiResponse(
            responseCode = "200",
            description = "OK",
            content = {
                @Content(mediaType = "application/json", schema = @Schema(implementation = AskTenant.Reply.class)),
                @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(types = "string"))
            })
    @Shape(Bodies.Asked.class)
    @PostMapping("/ask")
    AskTenant.Reply ask(
            @PathVariable("t") UUID tenantId,
            @RequestBody JsonNode body,
            HttpServletRequest request,
            HttpServletResponse response) {
        String text = AskTenant.question(body, TEXT_MAX);
        String accepted = request.getHeader(HttpHeaders.ACCEPT);
        if (accepted == null || !accepted.contains(MediaType.TEXT_EVENT_STREAM_VALUE)) {
            return ask.ask(tenantId, text, null);
        }
        stream(tenantId, text, new AnswerEvents(response, json));
        return null; // it is written already
    }

    private void stream(UUID tenantId, String text, AnswerEvents events) {
        try {
            events.send("answer", ask.ask(tenantId, text, events));
        } catch (ReaderGoneException | UncheckedIOException gone) {
            LOG.debug("The reader of an answer has gone", gone);
        } catch (HubException failed) {
            if (!events.hasBegun()) {
                throw failed;
            }
            LOG.warn("An answer failed while it was written: {}", failed.getMessage());
            tell(events, failed);
        }
    }

    private static void tell(AnswerEvents events, HubException failed) {
        int status = failed instanceof RejectedException refused ? refused.status() : 503;
        try {
            events.send(
                    "problem", ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), failed.getMessage()));
        } catch (UncheckedIOException gone) {
            LOG.debug("The reader of an answer has gone", gone);
        }
    }
}
