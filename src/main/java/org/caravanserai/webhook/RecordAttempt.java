package org.caravanserai.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.caravanserai.inbound.Texts;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantBatches;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Writes;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.LogContext;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.work.WorkKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Logs an attempt of a delivery and decides what comes next. */
@Component("recordAttempt")
public class RecordAttempt {

    private static final Logger LOG = LoggerFactory.getLogger(RecordAttempt.class);
    private static final String QUEUE = "webhook-deliver";
    private static final int GONE = 410;
    private static final int RESPONSE_MAX = 1024;
    /** Of one exchange: what it keeps for its end must not grow without bound. */
    private static final int ROUNDS_MAX = 100;

    private final TenantTransactions transactions;
    private final TenantBatches<Attempt, Optional<ClaimDeliveries.Row>> delivered;
    private final ClaimDeliveries claimDeliveries;
    private final InFlight inFlight;
    private final Timeline timeline;
    private final Events events;
    private final WakeLater wakeLater;
    private final Wake wake;
    private final EndpointPlaces places;
    private final MeterRegistry meters;
    private final BackoffSchedule schedule;
    private final Duration disableAfter;

    /** How an attempt ended. @param status null if there was no answer */
    private record Outcome(Integer status, String error, String response, long millis, Duration retryAfter) {

        boolean isDelivered() {
            return status != null && status / 100 == 2;
        }
    }

    /** @param goesOn whether who made it is to make another at the same endpoint, if one waits for a place there */
    private record Attempt(Exchange exchange, Delivery delivery, Outcome outcome, boolean goesOn) {

        Hop hop() {
            Map<String, Object> detail = new HashMap<>();
            detail.put("webhookId", delivery.webhookId());
            detail.put("event", delivery.eventType());
            detail.put("attempt", delivery.attempt());
            detail.put("status", outcome.status);
            return new Hop("webhook", outcome.isDelivered() ? "ok" : "failed", Instant.now(), outcome.millis, detail);
        }
    }

    RecordAttempt(
            TenantTransactions transactions,
            ClaimDeliveries claimDeliveries,
            InFlight inFlight,
            Timeline timeline,
            Events events,
            WakeLater wakeLater,
            Wake wake,
            EndpointPlaces places,
            MeterRegistry meters,
            WebhookProperties webhooks) {
        this.transactions = transactions;
        this.delivered = new TenantBatches<>(transactions, this::finish);
        this.claimDeliveries = claimDeliveries;
        this.inFlight = inFlight;
        this.timeline = timeline;
        this.events = events;
        this.wakeLater = wakeLater;
        this.wake = wake;
        this.places = places;
        this.meters = meters;
        this.schedule = new BackoffSchedule(webhooks.schedule());
        this.disableAfter = webhooks.disableAfter();
    }

    /** The endpoint answered. Gives back what is to be woken: an ordered endpoint's next delivery, an event. */
    public WakeUps answered(Exchange exchange) {
        Message message = exchange.getMessage();
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        byte[] body = beginning(message);
        String response = body.length == 0 ? null : Texts.storable(new String(body, StandardCharsets.UTF_8));
        String error = status / 100 == 2 ? null : "The endpoint answered " + status + ".";
        return record(
                exchange, new Outcome(status, error, response, millis(exchange), DeliverWebhook.retryAfter(message)));
    }

    /** Read here, since Camel goes through all its converters to find one from its stream cache to bytes, each time. */
    private static byte[] beginning(Message message) {
        try {
            return message.getBody() instanceof InputStream stream ? stream.readNBytes(RESPONSE_MAX) : new byte[0];
        } catch (IOException cutOff) {
            return new byte[0];
        }
    }

    /** The endpoint did not answer. */
    public WakeUps failed(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (exchange.getProperty("HubDelivery") == null) {
            LOG.warn("A delivery could not be claimed; it stays due: {}", cause.toString());
            return WakeUps.nothing();
        }
        String error = inFlight.held(exchange).filter(InFlight.Held::wasOverdue).isPresent()
                ? "The attempt took too long and was stopped."
                : cause.getClass().getSimpleName() + ": " + cause.getMessage();
        return record(exchange, new Outcome(null, Texts.storable(error, 500), null, millis(exchange), Duration.ZERO));
    }

    private static long millis(Exchange exchange) {
        return (System.nanoTime()
                        - exchange.getProperty("HubDelivery", Delivery.class).startNanos())
                / 1_000_000;
    }

    private WakeUps record(Exchange exchange, Outcome outcome) {
        Delivery delivery = exchange.getProperty("HubDelivery", Delivery.class);
        meters.counter("hub.webhooks.attempts", "outcome", outcome.isDelivered() ? "delivered" : "failed")
                .increment();
        return outcome.isDelivered() ? delivered(exchange, delivery, outcome) : failed(exchange, delivery, outcome);
    }

    /** Goes on with the endpoint's next delivery, which is then in {@code HubDelivery}, or gives the place back. */
    private WakeUps delivered(Exchange exchange, Delivery delivery, Outcome outcome) {
        boolean goesOn = exchange.getProperty(ExchangePropertyKey.LOOP_INDEX, 0, Integer.class) < ROUNDS_MAX
                && !exchange.getContext().isStopping() // begins nothing new then
                && places.mayStay(exchange, delivery.isMoreParked());
        // what follows waits for our database only
        int free = goesOn ? 0 : places.leave(exchange, false, delivery.isMoreParked());
        Optional<ClaimDeliveries.Row> next =
                delivered.in(delivery.tenantId(), new Attempt(exchange, delivery, outcome, goesOn));
        exchange.removeProperty("HubDelivery"); // is recorded, whatever comes
        if (next.isPresent()) {
            LogContext.put(exchange, delivery.tenantId(), null, next.get().messageId(), null);
            exchange.setProperty("HubDelivery", claimDeliveries.delivery(delivery.tenantId(), next.get()));
            return WakeUps.nothing();
        }
        free += places.leave(exchange, false, false);
        wake(delivery, delivery.isOrdered() ? next(delivery) : unpark(delivery, free));
        return WakeUps.nothing();
    }

    /** Keeps the place until all can know of the failure. */
    private WakeUps failed(Exchange exchange, Delivery delivery, Outcome outcome) {
        WakeUps wakeUps = WakeUps.nothing();
        Duration wait = transactions.in(delivery.tenantId(), jdbc -> {
            Writes writes = new Writes();
            log(writes, List.of(new Attempt(exchange, delivery, outcome, false)));
            Duration next = decide(jdbc, writes, delivery, outcome, wakeUps);
            writes.run(jdbc);
            return next;
        });
        exchange.removeProperty("HubDelivery");
        if (wait != null) {
            WakeUp row = new WakeUp(delivery.tenantId(), delivery.id());
            wakeLater.at(QUEUE, row, Instant.now().plus(wait));
        }
        int free = places.leave(exchange, true, delivery.isMoreParked());
        boolean isOver = wait == null;
        if (delivery.isOrdered()) {
            wake(delivery, isOver ? next(delivery) : List.of());
        } else {
            wake(delivery, unpark(delivery, free));
        }
        return wakeUps;
    }

    private void wake(Delivery delivery, List<UUID> waiting) {
        waiting.forEach(id -> wake.up(QUEUE, delivery.tenantId(), id));
    }

    /** The wait until the next attempt; null if there is none. */
    private Duration decide(JdbcClient jdbc, Writes writes, Delivery delivery, Outcome outcome, WakeUps wakeUps) {
        Instant failingSince = jdbc.sql("""
                update webhooks set failing_since = coalesce(failing_since, now()) where id = ? returning failing_since""")
                .param(delivery.webhookId())
                .query((row, n) -> row.getTimestamp(1).toInstant())
                .single();
        boolean isGone = outcome.status != null && outcome.status == GONE;
        if (isGone || failingSince.plus(disableAfter).isBefore(Instant.now())) {
            disable(jdbc, delivery, isGone ? "it answered 410" : "it has failed since " + failingSince, wakeUps);
            finish(writes, List.of(delivery.id()), "failed");
            return null;
        }
        Optional<Duration> planned =
                schedule.after(delivery.attempt(), ThreadLocalRandom.current().nextDouble());
        if (planned.isEmpty()) {
            finish(writes, List.of(delivery.id()), "failed");
            return null;
        }
        Duration wait = planned.get().compareTo(outcome.retryAfter) > 0 ? planned.get() : outcome.retryAfter;
        double seconds = wait.toMillis() / 1000.0;
        writes.add("again", """
                update webhook_deliveries set lease_owner = null, due_at = now() + interval '1 second' * :againIn,
                  next_wake_at = now() + interval '1 second' * (:againIn + 1) where id = :again and status = 'pending'""", Map.of("againIn", seconds, "again", delivery.id()));
        return wait;
    }

    /** Attempts of one tenant that went well. Gives back what each that goes on is to attempt next. */
    private List<Optional<ClaimDeliveries.Row>> finish(JdbcClient jdbc, List<Attempt> attempts) {
        Writes writes = new Writes();
        finish(writes, attempts.stream().map(attempt -> attempt.delivery.id()).toList(), "delivered");
        writes.add(
                "well",
                "update webhooks set failing_since = null where id = any (:well) and failing_since is not null",
                Map.of(
                        "well",
                        SqlArray.of(
                                "uuid",
                                attempts.stream()
                                        .map(a -> a.delivery.webhookId())
                                        .distinct()
                                        .toList())));
        log(writes, attempts);
        writes.run(jdbc);
        Map<UUID, Integer> places = attempts.stream()
                .filter(Attempt::goesOn)
                .collect(Collectors.toMap(attempt -> attempt.delivery.webhookId(), attempt -> 1, Integer::sum));
        Map<UUID, Queue<ClaimDeliveries.Row>> next = claimDeliveries.parked(jdbc, places).stream()
                .collect(Collectors.groupingBy(
                        ClaimDeliveries.Row::webhookId, Collectors.toCollection(ArrayDeque::new)));
        List<Optional<ClaimDeliveries.Row>> taken = new ArrayList<>();
        List<UUID> refused = new ArrayList<>();
        for (Attempt attempt : attempts) {
            Queue<ClaimDeliveries.Row> waiting = next.get(attempt.delivery.webhookId());
            ClaimDeliveries.Row row = attempt.goesOn && waiting != null ? waiting.poll() : null;
            if (row != null && !inFlight.goOn(attempt.exchange, WorkKind.DELIVERY, row.id())) {
                refused.add(row.id()); // it was woken as well, and is claimed by whom it woke after our commit
                row = null;
            }
            taken.add(Optional.ofNullable(row));
        }
        claimDeliveries.park(jdbc, refused);
        return taken;
    }

    private void log(Writes writes, List<Attempt> attempts) {
        List<Outcome> outcomes = attempts.stream().map(Attempt::outcome).toList();
        timeline.add(
                writes,
                attempts.getFirst().delivery.tenantId(),
                attempts.stream()
                        .filter(attempt -> attempt.delivery.messageId() != null)
                        .map(attempt -> new Timeline.Entry(attempt.delivery.messageId(), attempt.hop()))
                        .toList());
        writes.add(
                "attempts",
                """
                insert into webhook_attempts (tenant_id, delivery_id, status, duration_ms, error, response)
                  select :attemptTenant, a.delivery_id, a.status, a.duration_ms, a.error, a.response
                    from unnest(:attemptDeliveries, :attemptStatuses, :attemptDurations, :attemptErrors, :attemptResponses)
                      as a (delivery_id, status, duration_ms, error, response)""",
                Map.of(
                        "attemptTenant", attempts.getFirst().delivery.tenantId(),
                        "attemptDeliveries",
                                SqlArray.of(
                                        "uuid",
                                        attempts.stream()
                                                .map(a -> a.delivery.id())
                                                .toList()),
                        "attemptStatuses",
                                SqlArray.of(
                                        "int",
                                        outcomes.stream().map(Outcome::status).toList()),
                        "attemptDurations",
                                SqlArray.of(
                                        "bigint",
                                        outcomes.stream().map(Outcome::millis).toList()),
                        "attemptErrors",
                                SqlArray.of(
                                        "text",
                                        outcomes.stream().map(Outcome::error).toList()),
                        "attemptResponses",
                                SqlArray.of(
                                        "text",
                                        outcomes.stream().map(Outcome::response).toList())));
    }

    private static void finish(Writes writes, List<UUID> deliveries, String status) {
        writes.add("finished", """
                update webhook_deliveries set status = :finishedStatus, due_at = null, next_wake_at = null, lease_owner = null
                  where id = any (:finished)""", Map.of("finishedStatus", status, "finished", SqlArray.of("uuid", deliveries)));
    }

    private void disable(JdbcClient jdbc, Delivery delivery, String reason, WakeUps wakeUps) {
        int changed = jdbc.sql("update webhooks set enabled = false, disabled_reason = ? where id = ? and enabled")
                .params(reason, delivery.webhookId())
                .update();
        if (changed == 1) {
            LOG.warn("Webhook {} was disabled: {}", delivery.webhookId(), reason);
            UUID event = events.append(
                    jdbc,
                    delivery.tenantId(),
                    "webhook.disabled",
                    null,
                    Map.of("id", delivery.webhookId(), "url", delivery.url(), "reason", reason));
            wakeUps.events().add(new WakeUp(delivery.tenantId(), event).toString());
        }
    }

    /** What an ordered endpoint held back for this delivery, which will not be tried again. */
    private List<UUID> next(Delivery delivery) {
        return transactions.in(delivery.tenantId(), jdbc -> jdbc.sql("""
                        select id from webhook_deliveries where webhook_id = ? and status = 'pending'
                          order by event_id limit 1""")
                .param(delivery.webhookId())
                .query(UUID.class)
                .list());
    }

    /** The oldest that wait for a place at the endpoint, each given to one hub only. From now on the sweep knows them. */
    private List<UUID> unpark(Delivery delivery, int free) {
        return free == 0
                ? List.of()
                : transactions.in(delivery.tenantId(), jdbc -> jdbc.sql("""
                                with oldest as materialized (
                                  select id from webhook_deliveries
                                    where webhook_id = ? and due_at is not null and next_wake_at is null
                                    order by event_id limit ? for update skip locked)
                                update webhook_deliveries d set next_wake_at = now() + interval '10 seconds'
                                  from oldest where d.id = oldest.id returning d.id""")
                        .params(delivery.webhookId(), free)
                        .query(UUID.class)
                        .list());
    }
}
