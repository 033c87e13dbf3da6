package org.caravanserai.webhook;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.caravanserai.failure.DeadLetters;
import org.caravanserai.failure.GivenUp;
import org.caravanserai.failure.Redo;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Deliveries whose claims had no end too often: given up, and done again when an operator replays their letter. */
@Component
class GiveUpDelivery implements Redo {

    private static final String QUEUE = "webhook-deliver";

    private final GivenUp givenUp;
    private final ClaimDeliveries claimDeliveries;
    private final InFlight inFlight;
    private final Suspects suspects;
    private final Timeline timeline;
    private final WakeLater wakeLater;
    private final int attemptsMax;

    private record Next(UUID tenantId, UUID id) {}

    GiveUpDelivery(
            GivenUp givenUp,
            ClaimDeliveries claimDeliveries,
            InFlight inFlight,
            Suspects suspects,
            Timeline timeline,
            WakeLater wakeLater,
            WorkProperties work) {
        this.givenUp = givenUp;
        this.claimDeliveries = claimDeliveries;
        this.inFlight = inFlight;
        this.suspects = suspects;
        this.timeline = timeline;
        this.wakeLater = wakeLater;
        this.attemptsMax = work.maxAttempts();
    }

    /** Whether a row that was claimed in this transaction is attempted now. Else it has been given up, or put back. */
    boolean mayBegin(JdbcClient jdbc, ClaimDeliveries.Row row, Exchange exchange) {
        if (row.deaths() == 0 && !inFlight.isStuck(row.id())) {
            return true;
        }
        if (row.deaths() >= attemptsMax) {
            giveUp(jdbc, row);
            return false;
        }
        if (inFlight.isStuck(row.id())) {
            return false; // the lease goes by, and counts once more
        }
        boolean begins = suspects.enter(inFlight.held(exchange).orElseThrow(), row.deaths());
        if (!begins) {
            claimDeliveries.postpone(jdbc, row.id());
        }
        return begins;
    }

    private void giveUp(JdbcClient jdbc, ClaimDeliveries.Row row) {
        inFlight.forget(row.id());
        UUID tenantId = jdbc.sql("""
                update webhook_deliveries set status = 'failed', due_at = null, next_wake_at = null, lease_owner = null
                  where id = ? returning tenant_id""").param(row.id()).query(UUID.class).single();
        String cause = GivenUp.cause(row.deaths()).getMessage();
        jdbc.sql("insert into webhook_attempts (tenant_id, delivery_id, duration_ms, error) values (?, ?, 0, ?)")
                .params(tenantId, row.id(), cause)
                .update();
        if (row.messageId() != null) {
            Map<String, Object> detail = Map.of(
                    "webhookId", row.webhookId(), "event", row.eventType(), "attempts", row.deaths(), "cause", cause);
            timeline.record(jdbc, tenantId, row.messageId(), List.of(Hop.now("webhook", "given_up", detail)));
        }
        givenUp.keep(
                jdbc,
                WorkKind.DELIVERY,
                new DeadLetters.Work(
                        tenantId,
                        QUEUE,
                        "delivery/" + row.id(),
                        List.of(),
                        row.deaths(),
                        row.body().getBytes(StandardCharsets.UTF_8)));
        if (row.isOrdered()) { // which held others back for it
            jdbc.sql("""
                    select tenant_id as tenantId, id from webhook_deliveries where webhook_id = ? and status = 'pending'
                      order by event_id limit 1""")
                    .param(row.webhookId())
                    .query(Next.class)
                    .optional()
                    .ifPresent(next -> wakeLater.at(
                            QUEUE,
                            new WakeUp(next.tenantId, next.id),
                            Instant.now().plusSeconds(1)));
        }
    }

    @Override
    public String routeId() {
        return QUEUE;
    }

    @Override
    public Optional<Due> again(JdbcClient jdbc, Letter letter) {
        UUID id = UUID.fromString(letter.row());
        String status = jdbc.sql("select status from webhook_deliveries where id = ? for update")
                .param(id)
                .query(String.class)
                .optional()
                .orElseThrow(Redo::gone);
        if (!status.equals("failed")) {
            return Optional.empty();
        }
        jdbc.sql("""
                update webhook_deliveries set status = 'pending', attempt_count = 0, deaths = 0, due_at = now(),
                    next_wake_at = now() + interval '10 seconds', lease_owner = null where id = ?""").param(id).update();
        return Optional.of(new Due(QUEUE, id));
    }
}
