package org.caravanserai.administration;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.security.TenantUrls;
import org.caravanserai.webhook.Deliveries;
import org.caravanserai.webhook.DeliveryView;
import org.caravanserai.webhook.WebhookView;
import org.caravanserai.webhook.Webhooks;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A tenant's endpoints and what was delivered to them. */
@RestController
@RequestMapping("/api/tenants/{t}/webhooks")
class WebhookController {

    private static final int URL_MAX = 2048;
    private static final int DESCRIPTION_MAX = 1000;
    private static final List<String> FINAL = List.of("delivered", "failed");

    private final Webhooks webhooks;
    private final Deliveries deliveries;
    private final TenantUrls urls;

    /** @param secret never taken: absent, or what a read showed in its place */
    record WebhookRequest(
            String url, List<String> events, String description, Boolean enabled, Boolean ordered, String secret) {

        @Override
        public String toString() {
            return "WebhookRequest[" + url + "]";
        }
    }

    record ReplayRequest(String from, String to, String status) {}

    record Secret(String secret) {}

    record Started(UUID id) {}

    record Replayed(int replayed) {}

    WebhookController(Webhooks webhooks, Deliveries deliveries, TenantUrls urls) {
        this.webhooks = webhooks;
        this.deliveries = deliveries;
        this.urls = urls;
    }

    @PostMapping
    ResponseEntity<WebhookView> create(@PathVariable UUID t, @RequestBody WebhookRequest body) {
        return ResponseEntity.status(201).body(webhooks.create(t, settings(body)));
    }

    /** Newest first. */
    @GetMapping
    ListAnswer<WebhookView> list(
            @PathVariable UUID t,
            @RequestParam(required = false) Integer limit,
            @RequestParam(required = false) String cursor) {
        return Pages.byId(
                "webhooks", t, cursor, limit, WebhookView::id, (before, atMost) -> webhooks.list(t, before, atMost));
    }

    @GetMapping("/{w}")
    WebhookView get(@PathVariable UUID t, @PathVariable UUID w) {
        return webhooks.get(t, w);
    }

    @PutMapping("/{w}")
    WebhookView put(@PathVariable UUID t, @PathVariable UUID w, @RequestBody WebhookRequest body) {
        return webhooks.replace(t, w, settings(body));
    }

    @DeleteMapping("/{w}")
    ResponseEntity<Void> delete(@PathVariable UUID t, @PathVariable UUID w) {
        webhooks.delete(t, w);
        return ResponseEntity.noContent().build();
    }

    /** The old secret stays in use beside the new one for 24 h. */
    @PostMapping("/{w}/rotate-secret")
    Secret rotateSecret(@PathVariable UUID t, @PathVariable UUID w) {
        return new Secret(webhooks.rotateSecret(t, w));
    }

    /** Answers with the id of the delivery that was started. */
    @PostMapping("/{w}/test")
    ResponseEntity<Started> sendTestEvent(@PathVariable UUID t, @PathVariable UUID w) {
        return ResponseEntity.accepted().body(new Started(deliveries.sendTestEvent(t, w)));
    }

    /** Newest first. */
    @GetMapping("/{w}/deliveries")
    ListAnswer<DeliveryView> deliveries(
            @PathVariable UUID t,
            @PathVariable UUID w,
            @RequestParam(required = false) Integer limit,
            @RequestParam(required = false) String cursor) {
        return Pages.byId(
                "deliveries/" + w, t, cursor, limit, DeliveryView::id,
                (before, atMost) -> deliveries.list(t, w, before, atMost));
    }

    @PostMapping("/{w}/deliveries/{id}/replay")
    ResponseEntity<Started> replay(@PathVariable UUID t, @PathVariable UUID w, @PathVariable UUID id) {
        deliveries.replay(t, w, id);
        return ResponseEntity.accepted().body(new Started(id));
    }

    /** The deliveries of a time range, at most 10,000; those that failed, unless the body says otherwise. */
    @PostMapping("/{w}/replay")
    ResponseEntity<Replayed> replay(@PathVariable UUID t, @PathVariable UUID w, @RequestBody ReplayRequest body) {
        Checks fields = new Checks();
        Instant from = fields.instant("from", body.from == null ? "" : body.from);
        Instant to = fields.instant("to", body.to == null ? "" : body.to);
        String status = body.status == null ? "failed" : fields.oneOf("status", body.status, FINAL);
        if (from != null && to != null && !from.isBefore(to)) {
            fields.wrong("to", "must be later than from.");
        }
        fields.check();
        return ResponseEntity.accepted().body(new Replayed(deliveries.replay(t, w, from, to, status)));
    }

    private Webhooks.Settings settings(WebhookRequest body) {
        Checks fields = new Checks();
        fields.text("url", body.url, URL_MAX);
        fields.optional("description", body.description, DESCRIPTION_MAX);
        List<String> events = body.events == null ? List.of() : body.events;
        if (events.isEmpty() || events.stream().anyMatch(e -> e == null || !Webhooks.EVENT_TYPES.contains(e))) {
            fields.wrong("events", "list at least one of " + String.join(", ", Webhooks.EVENT_TYPES) + ".");
        }
        if (body.secret != null && !WebhookView.MASK.equals(body.secret)) {
            fields.wrong("secret", "is made by the hub; ask for a new one by POST .../rotate-secret.");
        }
        fields.check();
        urls.check("url", body.url);
        return new Webhooks.Settings(
                body.url,
                events.stream().distinct().toList(),
                body.description,
                body.enabled == null || body.enabled,
                body.ordered != null && body.ordered);
    }
}
