package org.caravanserai.webhook;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.security.Secrets;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.LogContext;
import org.caravanserai.wakeup.WakeUp;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Claims a delivery, signs it, and makes its request. */
@Component("deliverWebhook")
public class DeliverWebhook {

    private final TenantTransactions transactions;
    private final Instance instance;
    private final InFlight inFlight;
    private final Secrets secrets;

    private record Row(
            UUID webhookId,
            UUID eventId,
            String eventType,
            UUID messageId,
            String url,
            boolean enabled,
            byte[] secret,
            byte[] previousSecret,
            String body,
            int attempt) {}

    DeliverWebhook(TenantTransactions transactions, Instance instance, InFlight inFlight, Secrets secrets) {
        this.transactions = transactions;
        this.instance = instance;
        this.inFlight = inFlight;
        this.secrets = secrets;
    }

    /**
     * Claims the delivery that a wake-up names.
     *
     * @param wakeUp the text of a {@link WakeUp}
     * @return true if it is to be attempted now: {@code HubDelivery} then holds it
     */
    public boolean claim(String wakeUp, Exchange exchange) {
        WakeUp delivery = WakeUp.parse(wakeUp);
        if (!inFlight.enter(exchange, delivery.id())) {
            return false;
        }
        Row row = transactions.in(delivery.tenantId(), jdbc -> take(jdbc, delivery.id()));
        if (row == null) {
            return false;
        }
        LogContext.put(exchange, delivery.tenantId(), null, row.messageId, null);
        List<String> keys = new ArrayList<>();
        keys.add(secrets.decrypt(row.secret, row.webhookId));
        if (row.previousSecret != null) {
            keys.add(secrets.decrypt(row.previousSecret, row.webhookId));
        }
        exchange.setProperty(
                "HubDelivery",
                new Delivery(
                        delivery.tenantId(),
                        delivery.id(),
                        row.webhookId,
                        row.eventId,
                        row.eventType,
                        row.messageId,
                        row.url,
                        keys,
                        row.body,
                        row.attempt,
                        System.nanoTime()));
        return true;
    }

    private Row take(JdbcClient jdbc, UUID id) {
        Row row = jdbc.sql("""
                update webhook_deliveries d set lease_owner = ?, attempt_count = attempt_count + 1,
                    next_wake_at = now() + interval '30 seconds'
                  from webhooks w, events e
                  where d.id = ? and w.id = d.webhook_id and e.id = d.event_id and d.status = 'pending'
                    and d.due_at <= now() and (d.lease_owner is null or d.lease_owner = ? or not hub_alive(d.lease_owner))
                    and (not w.ordered or not exists (select 1 from webhook_deliveries o
                      where o.webhook_id = d.webhook_id and o.status = 'pending' and o.event_id < d.event_id))
                  returning d.webhook_id as webhookId, d.event_id as eventId, d.event_type as eventType,
                    e.message_id as messageId, w.url, w.enabled, w.secret,
                    case when w.previous_secret_until > now() then w.previous_secret end as previousSecret, e.body,
                    d.attempt_count as attempt""")
                .params(instance.id(), id, instance.id())
                .query(Row.class)
                .optional()
                .orElse(null);
        if (row != null && !row.enabled) {
            jdbc.sql("""
                    update webhook_deliveries set status = 'failed', due_at = null, next_wake_at = null, lease_owner = null
                      where id = ?""").param(id).update();
            return null;
        }
        return row;
    }

    /** Makes the request: only the headers set here leave the hub. */
    public void request(Exchange exchange) {
        Delivery delivery = exchange.getProperty("HubDelivery", Delivery.class);
        byte[] body = delivery.body().getBytes(StandardCharsets.UTF_8);
        String id = delivery.eventId().toString();
        Instant now = Instant.now();
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_URI, delivery.url());
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        message.setHeader("webhook-id", id);
        message.setHeader("webhook-timestamp", Long.toString(now.getEpochSecond()));
        message.setHeader("webhook-signature", StandardWebhooks.sign(delivery.secrets(), id, now, body));
        message.setBody(body);
    }

    static Duration retryAfter(Message message) {
        String asked = message.getHeader("Retry-After", String.class);
        return asked != null && asked.matches("\\d{1,5}") ? Duration.ofSeconds(Long.parseLong(asked)) : Duration.ZERO;
    }
}
