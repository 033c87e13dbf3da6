package org.caravanserai.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Ordered;
import org.apache.camel.support.SynchronizationAdapter;
import org.caravanserai.failure.RetryAfter;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantBatches;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.LogContext;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.WorkKind;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Claims a delivery, signs it, and makes its request. A delivery for which its endpoint has no place is parked: it stays due
 * in its row and is woken when a place frees.
 */
@Component("deliverWebhook")
public class DeliverWebhook {

    private static final int FAILED_AT_ONCE = 1000;

    private final TenantBatches<Claim, Optional<ClaimDeliveries.Row>> claims;
    private final ClaimDeliveries claimDeliveries;
    private final InFlight inFlight;
    private final EndpointPlaces places;
    private final GiveUpDelivery giveUpDelivery;
    private final Wake wake;
    private final Counter parked;

    private record Claim(UUID deliveryId, Exchange exchange) {}

    DeliverWebhook(
            TenantTransactions transactions,
            ClaimDeliveries claimDeliveries,
            InFlight inFlight,
            EndpointPlaces places,
            GiveUpDelivery giveUpDelivery,
            Wake wake,
            MeterRegistry meters) {
        this.claims = new TenantBatches<>(transactions, this::take);
        this.claimDeliveries = claimDeliveries;
        this.inFlight = inFlight;
        this.places = places;
        this.giveUpDelivery = giveUpDelivery;
        this.wake = wake;
        this.parked = meters.counter("hub.webhooks.parked");
    }

    /**
     * Claims the delivery that a wake-up names.
     *
     * @param wakeUp the text of a {@link WakeUp}
     * @return true if it is to be attempted now: {@code HubDelivery} then holds it
     */
    public boolean claim(String wakeUp, Exchange exchange) {
        WakeUp delivery = WakeUp.parse(wakeUp);
        places.takeReserved(exchange, delivery.id());
        if (!inFlight.enter(exchange, WorkKind.DELIVERY, delivery.id())) {
            return false;
        }
        inFlight.held(exchange).orElseThrow().whenOverdue(() -> places.leave(exchange, true, true));
        ClaimDeliveries.Row row = AddedAsClaimed.take(exchange, delivery.id());
        if (row == null) {
            row = claims.in(delivery.tenantId(), new Claim(delivery.id(), exchange))
                    .orElse(null);
        }
        if (row == null) {
            return false;
        }
        if (!places.holds(exchange)) {
            parked.increment();
            // a place may have been given back before the parked row could be seen
            if (places.room(row.webhookId(), row.isFailing()) > 0) {
                wakeAfter(exchange, delivery);
            }
            return false;
        }
        LogContext.put(exchange, delivery.tenantId(), null, row.messageId(), null);
        exchange.setProperty("HubDelivery", claimDeliveries.delivery(delivery.tenantId(), row));
        return true;
    }

    /** Claims rows; those whose endpoint has no place are parked instead. */
    private List<Optional<ClaimDeliveries.Row>> take(JdbcClient jdbc, List<Claim> wanted) {
        List<UUID> ids = wanted.stream().map(Claim::deliveryId).toList();
        Map<UUID, ClaimDeliveries.Row> rows =
                claimDeliveries
                        .woken(
                                jdbc,
                                ids,
                                ids.stream().filter(inFlight::isUnended).toList())
                        .stream()
                        .collect(Collectors.toMap(ClaimDeliveries.Row::id, Function.identity()));
        parkBehindEarlier(
                jdbc,
                wanted.stream()
                        .map(Claim::deliveryId)
                        .filter(id -> !rows.containsKey(id))
                        .toList());
        rows.values().stream()
                .filter(row -> !row.enabled())
                .map(ClaimDeliveries.Row::webhookId)
                .distinct()
                .forEach(webhookId -> failAll(jdbc, webhookId));
        List<UUID> placeless = new ArrayList<>();
        List<Optional<ClaimDeliveries.Row>> taken = new ArrayList<>();
        for (Claim claim : wanted) {
            Optional<ClaimDeliveries.Row> row = Optional.ofNullable(rows.get(claim.deliveryId))
                    .filter(ClaimDeliveries.Row::enabled)
                    .filter(claimed -> giveUpDelivery.mayBegin(jdbc, claimed, claim.exchange));
            taken.add(row);
            boolean isPlaced = row.isEmpty()
                    || places.holds(claim.exchange)
                    || places.enter(
                            claim.exchange, row.get().webhookId(), row.get().isFailing());
            if (!isPlaced) {
                placeless.add(claim.deliveryId);
                inFlight.leave(claim.exchange); // who gets a place may take the row as soon as it is given back
            }
        }
        claimDeliveries.park(jdbc, placeless);
        return taken;
    }

    /** At an ordered endpoint, each delivery waits for the one before it, which wakes it at its end. */
    // not "next_wake_at is not null", by which a plan may walk all that the sweep knows of
    private static void parkBehindEarlier(JdbcClient jdbc, List<UUID> ids) {
        if (!ids.isEmpty()) {
            jdbc.sql("""
                    update webhook_deliveries d set next_wake_at = null
                      where d.id = any (?) and (select w.ordered from webhooks w where w.id = d.webhook_id)
                        and d.due_at <= now() and d.lease_owner is null and coalesce(d.next_wake_at < 'infinity', false)
                        and exists (select 1 from webhook_deliveries o
                          where o.webhook_id = d.webhook_id and o.status = 'pending' and o.event_id < d.event_id)""").param(SqlArray.of("uuid", ids)).update();
        }
    }

    /** The endpoint was disabled: what waits for it has failed, batch by batch. */
    private static void failAll(JdbcClient jdbc, UUID webhookId) {
        jdbc.sql("""
                update webhook_deliveries set status = 'failed', due_at = null, next_wake_at = null, lease_owner = null
                  where id in (select id from webhook_deliveries
                    where webhook_id = ? and status = 'pending' and due_at <= now() order by event_id limit ?
                    for update skip locked)""").params(webhookId, FAILED_AT_ONCE).update();
    }

    /** Not before the exchange has left {@link InFlight}, which would turn the wake-up away. */
    private void wakeAfter(Exchange exchange, WakeUp delivery) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                wake.up("webhook-deliver", delivery.tenantId(), delivery.id());
            }

            @Override
            public int getOrder() {
                return Ordered.LOWEST;
            }
        });
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
        return RetryAfter.of(message.getHeader("Retry-After", String.class), Instant.now())
                .orElse(Duration.ZERO);
    }
}
