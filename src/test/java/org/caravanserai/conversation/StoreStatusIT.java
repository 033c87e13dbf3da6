package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.caravanserai.inbound.InboundEvent.StatusChanged;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What a provider reports of our messages: out of order, twice, several in one batch, and before we know of the send. */
class StoreStatusIT extends OnTurn {

    private static final String EXTERNAL = "wamid.7";

    @Autowired
    StoreStatus storeStatus;

    @Autowired
    Channels channels;

    @Autowired
    Timeline timeline;

    @Autowired
    Events events;

    private Turn turn;
    private UUID message;

    private record Stored(String status, String externalId, String error, boolean isDue) {}

    @BeforeEach
    void beginToSend() {
        turn = turnInProgress(1);
        message = reply("sending", 2);
    }

    @Test
    void whatIsReportedTogetherIsToldStepByStepAndEachStepOnce() {
        sent();

        report("delivered", "read", "delivered", "read");
        report("read");

        assertThat(told()).containsExactly("message.sent", "message.delivered", "message.read");
        assertThat(stored()).isEqualTo(new Stored("read", EXTERNAL, null, false));
    }

    @Test
    void aMessageIsNeverMovedBack() {
        sent();

        report("read", "delivered", "sent");
        report("delivered");

        assertThat(told()).containsExactly("message.sent", "message.read");
        assertThat(stored().status).isEqualTo("read");
    }

    @Test
    void aFailureIsFinalUnlessTheMessageWasDelivered() {
        sent();
        report("failed", "sent");
        Stored failed = stored();

        report("delivered", "failed");

        assertThat(failed).isEqualTo(new Stored("failed", EXTERNAL, "Unreachable", false));
        assertThat(stored()).isEqualTo(new Stored("delivered", EXTERNAL, null, false));
        assertThat(told()).containsExactly("message.sent", "message.failed", "message.delivered");
    }

    @Test
    void whatIsReportedBeforeTheSendIsRecordedCountsFromThenOn() {
        report("delivered", "sent");
        assertThat(stored().status).isEqualTo("sending");

        sent();

        assertThat(told()).containsExactly("message.sent", "message.delivered");
        assertThat(stored()).isEqualTo(new Stored("delivered", EXTERNAL, null, false));
    }

    @Test
    void anEchoOfOurIdSettlesASendAndWakesTheConversationsNextMessage() {
        UUID next = reply("pending", 3);

        WakeUps woken = report(List.of(changed("read", message), changed("delivered", message)));

        assertThat(woken.sends()).containsExactly(new WakeUp(turn.tenantId(), next).toString());
        assertThat(told()).containsExactly("message.sent", "message.read");
        assertThat(stored()).isEqualTo(new Stored("read", EXTERNAL, null, false));
    }

    @Test
    void aSentMessageWakesTheConversationsNextAndOneThatWasSentBeforeDoesNot() {
        UUID next = reply("pending", 3);

        WakeUps woken = sent();

        assertThat(woken.sends()).containsExactly(new WakeUp(turn.tenantId(), next).toString());
        assertThat(report("delivered").sends()).isEmpty();
    }

    private UUID reply(String status, int position) {
        UUID id = ids.next();
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("""
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, due_at, next_wake_at)
                  values (?, ?, ?, ?, ?, 'outbound', 'model', 'text', 'At nine.', ?, now(), now() + interval '1 hour')""")
                .params(id, turn.tenantId(), turn.conversationId(), turn.channelId(), position, status)
                .update());
        return id;
    }

    private WakeUps sent() {
        return transactions.in(
                turn.tenantId(), jdbc -> storeStatus.afterSend(jdbc, turn.tenantId(), message, EXTERNAL));
    }

    private WakeUps report(String... statuses) {
        return report(Stream.of(statuses).map(status -> changed(status, null)).toList());
    }

    /** As a batch of the inbox is read. */
    private WakeUps report(List<StatusChanged> statuses) {
        Channel channel = channels.find(turn.channelId()).orElseThrow();
        return transactions.in(turn.tenantId(), jdbc -> {
            Changes changes = new Changes();
            Map<StatusChanged, MessageView> known = storeStatus.report(jdbc, channel, statuses);
            statuses.stream()
                    .filter(known::containsKey)
                    .forEach(status -> storeStatus.store(known.get(status), status, changes));
            return changes.write(jdbc, turn.tenantId(), timeline, events);
        });
    }

    private static StatusChanged changed(String status, UUID messageId) {
        Map<String, Object> detail = status.equals("failed") ? Map.of("code", 131026, "title", "Unreachable") : null;
        return new StatusChanged(EXTERNAL, status, messageId, Instant.parse("2026-11-21T10:00:00Z"), detail);
    }

    private Stored stored() {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql(
                        "select status, external_id, error, due_at is not null as isDue from messages where id = ?")
                .param(message)
                .query(Stored.class)
                .single());
    }

    private List<String> told() {
        return transactions.in(
                turn.tenantId(), jdbc -> jdbc.sql("select type from events where message_id = ? order by id")
                        .param(message)
                        .query(String.class)
                        .list());
    }
}
