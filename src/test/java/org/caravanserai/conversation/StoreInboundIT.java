package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.caravanserai.HubIT;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** When an answer is due, as messages come in one after the other. */
class StoreInboundIT extends HubIT {

    @Autowired
    StoreInbound storeInbound;

    @Autowired
    Channels channels;

    private Channel channel;

    private record Due(Instant at, Instant lastMessage, Instant firstUnanswered) {}

    @BeforeEach
    void openAChannel() {
        channel = channels.find(newChannel(newTenant())).orElseThrow();
    }

    @Test
    void answersABurstAfterItsLastMessage() {
        store("first", Duration.ofSeconds(8));
        goBack(Duration.ofSeconds(1));

        Changes changes = store("second", Duration.ofSeconds(8));

        Due due = due();
        assertThat(due.at).isEqualTo(due.lastMessage.plusSeconds(8));
        assertThat(due.firstUnanswered).isBefore(due.lastMessage.minusMillis(900));
        assertThat(changes.wakeUps().answers()).isEmpty();
        assertThat(changes.wakeUps().laterAnswers()).containsValue(due.at);
    }

    @ParameterizedTest
    @CsvSource({"8, 3", "8, 9", "60, 1"})
    void answersABurstAtLatestTenSecondsAfterItsFirstMessage(int window, int ago) {
        store("first", Duration.ofSeconds(window));
        goBack(Duration.ofSeconds(ago));

        store("second", Duration.ofSeconds(window));

        Due due = due();
        assertThat(due.at).isEqualTo(due.firstUnanswered.plusSeconds(10));
    }

    @Test
    void countsTheTenSecondsAnewOnceAllIsAnswered() {
        store("first", Duration.ofSeconds(8));
        goBack(Duration.ofMinutes(5));
        transactions.run(channel.tenantId(), jdbc -> jdbc.sql(
                        "update conversations set first_unanswered_at = null, due_at = null")
                .update());

        store("second", Duration.ofSeconds(8));

        Due due = due();
        assertThat(due.at).isEqualTo(due.lastMessage.plusSeconds(8));
    }

    @Test
    void answersAtOnceWhereThereIsNoWindow() {
        Changes changes = store("first", Duration.ZERO);

        assertThat(changes.wakeUps().answers()).hasSize(1);
        assertThat(changes.wakeUps().laterAnswers()).isEmpty();
    }

    @Test
    void hasNoAnswerDueWhileAPersonHasTheConversation() {
        store("first", Duration.ZERO);
        transactions.run(channel.tenantId(), jdbc -> jdbc.sql(
                        "update conversations set status = 'assigned_human', due_at = null")
                .update());

        Changes changes = store("second", Duration.ZERO);

        assertThat(due().at).isNull();
        assertThat(changes.wakeUps().answers()).isEmpty();
    }

    @Test
    void storesWhatTheProviderSendsTwiceOnce() {
        store("first", Duration.ZERO);

        Changes again = store("first", Duration.ZERO);

        assertThat(again.wakeUps().answers()).isEmpty();
        assertThat(messages()).containsExactly("first");
    }

    @Test
    void holdsTheAnswersToAContactThatWritesTooMuchAndLosesNothing() {
        for (int i = 0; i < 5; i++) {
            store("message " + i, settings(Duration.ZERO, 3));
        }

        Due due = due();
        assertThat(due.at).isBetween(due.lastMessage.plusSeconds(50), due.lastMessage.plusSeconds(60));
        assertThat(messages()).hasSize(5);
        store("more", settings(Duration.ZERO, 3));
        assertThat(due().at).as("not put off for as long as the flood goes on").isEqualTo(due.at);
    }

    @Test
    void answersAsEverOnceTheHoldIsOver() {
        for (int i = 0; i < 4; i++) {
            store("message " + i, settings(Duration.ZERO, 3));
        }
        transactions.run(channel.tenantId(), jdbc -> jdbc.sql(
                        "update conversations set held_until = now() - interval '1 second', due_at = null, first_unanswered_at = null")
                .update());

        Changes changes = store("later", settings(Duration.ZERO, 1000));

        assertThat(changes.wakeUps().answers()).hasSize(1);
    }

    private Changes store(String text, Duration burstWindow) {
        return store(text, settings(burstWindow));
    }

    private TenantSettings settings(Duration burstWindow, int messagesPerContact) {
        return json.convertValue(
                Map.of(
                        "burstWindow",
                        burstWindow.toString(),
                        "rateLimits",
                        Map.of("messagesPerContactPerMinute", messagesPerContact)),
                TenantSettings.class);
    }

    private Changes store(String text, TenantSettings settings) {
        InboundEvent.Received received =
                new InboundEvent.Received(text, "ada", null, "text", text, List.of(), Instant.now());
        return transactions.in(channel.tenantId(), jdbc -> {
            Changes changes = new Changes();
            storeInbound.store(jdbc, channel, settings, received, Instant.now(), changes);
            return changes;
        });
    }

    private TenantSettings settings(Duration burstWindow) {
        return json.convertValue(Map.of("burstWindow", burstWindow.toString()), TenantSettings.class);
    }

    /** As if what was stored so far had been stored so much earlier. */
    private void goBack(Duration ago) {
        transactions.run(channel.tenantId(), jdbc -> jdbc.sql("""
                        update conversations set first_unanswered_at = first_unanswered_at - ?::interval,
                          last_message_at = last_message_at - ?::interval, due_at = due_at - ?::interval""")
                .params(ago.toString(), ago.toString(), ago.toString())
                .update());
    }

    private Due due() {
        return transactions.in(channel.tenantId(), jdbc -> jdbc.sql(
                        "select due_at, last_message_at, first_unanswered_at from conversations")
                .query((row, n) -> new Due(
                        row.getTimestamp(1) == null ? null : row.getTimestamp(1).toInstant(),
                        row.getTimestamp(2).toInstant(),
                        row.getTimestamp(3) == null ? null : row.getTimestamp(3).toInstant()))
                .single());
    }

    private List<String> messages() {
        return transactions.in(channel.tenantId(), jdbc -> jdbc.sql("select text from messages order by position")
                .query(String.class)
                .list());
    }
}
