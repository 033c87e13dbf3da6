package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What was given up, of all tenants, for the operator. */
@RestController
@RequestMapping("/api/dead-letters")
class DeadLetterController {

    private static final List<String> STATUSES = List.of("dead", "replayed", "resolved");
    private static final String TENANT_RULE = "must be the id of a tenant.";
    private static final int ROUTE_MAX = 200;

    private final DeadLetterRows letters;

    /** How many pieces of work were made due again. */
    record ReplayedLetters(int count) {}

    DeadLetterController(DeadLetterRows letters) {
        this.letters = letters;
    }

    @Operation(summary = "Dead letters of all tenants, newest first")
    @GetMapping
    Page<DeadLetterView> list(
            PageRequest page,
            @Schema(format = "uuid") @RequestParam(required = false) String tenantId,
            @RequestParam(required = false) String routeId,
            @Schema(allowableValues = {"dead", "replayed", "resolved"}) @RequestParam(required = false) String status) {
        if (status != null && !STATUSES.contains(status)) {
            throw RejectedException.field("status", "must be one of " + String.join(", ", STATUSES) + ".");
        }
        if (routeId != null && (routeId.length() > ROUTE_MAX || !Fields.isStorable(routeId))) {
            throw RejectedException.field("routeId", "must be the id of a route.");
        }
        UUID tenant = tenantId == null
                ? null
                : Ids.parse(tenantId).orElseThrow(() -> RejectedException.field("tenantId", TENANT_RULE));
        return Page.of(
                letters.list(new DeadLetterRows.Filter(tenant, routeId, status, null, null), page),
                page,
                DeadLetterView::id);
    }

    @Operation(summary = "One dead letter with its whole payload")
    @GetMapping("/{id}")
    DeadLetterView get(@PathVariable("id") UUID id) {
        return letters.find(id);
    }

    @Operation(summary = "Do the work of one dead letter again; however often it is asked, once")
    @PostMapping("/{id}/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    DeadLetterView replay(@PathVariable("id") UUID id) {
        return letters.replay(id);
    }

    @Operation(summary = "Do the work of all dead letters again, of those of a route, a tenant or a time")
    @Shape(Bodies.ReplayLetters.class)
    @PostMapping("/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    ReplayedLetters replayAll(@RequestBody JsonNode json) {
        Fields body = Fields.of(json);
        String route = body.filled("routeId", ROUTE_MAX);
        String tenantText = body.text("tenantId", ROUTE_MAX);
        UUID tenant = Ids.parse(tenantText).orElse(null);
        if (tenantText != null && tenant == null) {
            body.wrong("tenantId", TENANT_RULE);
        }
        Instant from = body.instant("from");
        Instant to = body.instant("to");
        if (from != null && to != null && !from.isBefore(to)) {
            body.wrong("to", "must be after from.");
        }
        body.finish();
        return new ReplayedLetters(letters.replay(new DeadLetterRows.Filter(tenant, route, "dead", from, to)));
    }

    @Operation(summary = "Delete a dead letter; what it is about stays as it is")
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable("id") UUID id) {
        letters.delete(id);
    }
}
