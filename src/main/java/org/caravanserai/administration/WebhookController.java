package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A tenant's webhooks and their deliveries. */
@RestController
@RequestMapping("/api/tenants/{t}/webhooks")
class WebhookController {

    private final WebhookRows webhooks;
    private final DeliveryRows deliveries;
    private final Ids ids;

    /** A secret that was just made; shown this once. */
    record NewSecret(String secret) {}

    /** How many deliveries were made due again. */
    record Replayed(int count) {}

    WebhookController(WebhookRows webhooks, DeliveryRows deliveries, Ids ids) {
        this.webhooks = webhooks;
        this.deliveries = deliveries;
        this.ids = ids;
    }

    @Operation(summary = "Make a webhook; its secret is shown this once")
    @Shape(Bodies.NewWebhook.class)
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    WebhookView create(@PathVariable("t") UUID tenantId, @RequestBody JsonNode body, Principal caller) {
        return webhooks.create(tenantId, ids.next(), Fields.of(body), null, By.of(caller));
    }

    @Operation(summary = "Webhooks, newest first")
    @GetMapping
    Page<WebhookView> list(@PathVariable("t") UUID tenantId, PageRequest page) {
        return Page.of(webhooks.list(tenantId, page), page, WebhookView::id);
    }

    @Operation(summary = "One webhook")
    @GetMapping("/{w}")
    WebhookView get(@PathVariable("t") UUID tenantId, @PathVariable("w") UUID id) {
        return webhooks.find(tenantId, id).orElseThrow(WebhookRows::notFound);
    }

    @Operation(summary = "Replace all of a webhook but its secret")
    @Shape(Bodies.ChangedWebhook.class)
    @PutMapping("/{w}")
    WebhookView put(@PathVariable("t") UUID tenantId, @PathVariable("w") UUID id, @RequestBody JsonNode body) {
        return webhooks.put(tenantId, id, Fields.of(body));
    }

    @Operation(summary = "Delete a webhook")
    @DeleteMapping("/{w}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable("t") UUID tenantId, @PathVariable("w") UUID id) {
        webhooks.delete(tenantId, id);
    }

    @Operation(summary = "Make a new secret; the old one stays valid for 24 hours")
    @PostMapping("/{w}/rotate-secret")
    NewSecret rotateSecret(@PathVariable("t") UUID tenantId, @PathVariable("w") UUID id) {
        return new NewSecret(webhooks.rotate(tenantId, id));
    }

    @Operation(summary = "Send the event webhook.test")
    @PostMapping("/{w}/test")
    @ResponseStatus(HttpStatus.ACCEPTED)
    DeliveryView test(@PathVariable("t") UUID tenantId, @PathVariable("w") UUID id) {
        return deliveries.test(tenantId, id);
    }

    @Operation(summary = "Deliveries with their attempts, newest first")
    @GetMapping("/{w}/deliveries")
    Page<DeliveryView> deliveries(@PathVariable("t") UUID tenantId, @PathVariable("w") UUID id, PageRequest page) {
        return Page.of(deliveries.list(tenantId, id, page), page, DeliveryView::id);
    }

    @Operation(summary = "Make one delivery again")
    @PostMapping("/{w}/deliveries/{id}/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    DeliveryView replay(
            @PathVariable("t") UUID tenantId, @PathVariable("w") UUID webhookId, @PathVariable("id") UUID id) {
        return deliveries.replay(tenantId, webhookId, id);
    }

    @Operation(summary = "Make a range of deliveries again")
    @Shape(Bodies.ReplayRange.class)
    @PostMapping("/{w}/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Replayed replayRange(@PathVariable("t") UUID tenantId, @PathVariable("w") UUID id, @RequestBody JsonNode json) {
        Fields body = Fields.of(json);
        Instant from = body.instant("from");
        Instant to = body.instant("to");
        String status = body.oneOf("status", List.of("delivered", "failed"));
        if (!body.has("from")) {
            body.wrong("from", "is required.");
        }
        if (!body.has("to")) {
            body.wrong("to", "is required.");
        }
        if (from != null && to != null && !from.isBefore(to)) {
            body.wrong("to", "must be after from.");
        }
        body.finish();
        return new Replayed(deliveries.replay(tenantId, id, new DeliveryRows.Range(from, to, status)));
    }
}
