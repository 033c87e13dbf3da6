package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.outbound.ClaimMessage;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Trace;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.work.WorkKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The end of a turn, while messages come in. */
class StoreReplyIT extends OnTurn {

    @Autowired
    StoreReply storeReply;

    @Autowired
    CamelContext camel;

    @Autowired
    Instance instance;

    @Autowired
    InFlight inFlight;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesTheConversationToTheNextTurnBeforeItWakesIt(boolean isSuperseded) {
        Turn turn = turnInProgress(1);
        if (isSuperseded) {
            transactions.run(turn.tenantId(), jdbc -> receive(jdbc, turn, ids.next(), 2));
        }
        Exchange exchange = exchange(turn);
        inFlight.enter(exchange, WorkKind.TURN, turn.conversationId());

        WakeUps woken = storeReply.answer(exchange);

        assertThat(woken.answers()).hasSize(isSuperseded ? 1 : 0);
        assertThat(inFlight.enter(exchange(turn), WorkKind.TURN, turn.conversationId()))
                .as("who is woken finds the conversation free, though this exchange goes on with the send")
                .isTrue();
        assertThat(inFlight.goOn(exchange, WorkKind.SEND, ids.next())).isTrue();
    }

    @Test
    void seesAMessageThatIsCommittedWhileItWaitsForTheConversation() throws Exception {
        Turn turn = turnInProgress(1);
        CountDownLatch locked = new CountDownLatch(1);
        CompletableFuture<Void> receiving = CompletableFuture.runAsync(() -> transactions.run(turn.tenantId(), jdbc -> {
            receive(jdbc, turn, ids.next(), 2);
            locked.countDown();
            await().pollInSameThread().atMost(Duration.ofSeconds(8)).until(() -> someoneWaitsForALock(jdbc));
        }));
        assertThat(locked.await(10, TimeUnit.SECONDS)).isTrue();

        WakeUps woken = storeReply.answer(exchange(turn));

        receiving.get(10, TimeUnit.SECONDS);
        assertThat(woken.answers()).hasSize(1);
        assertThat(woken.sends()).isEmpty();
        assertThat(due(turn)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void givesTheReplyUpForANewerMessage(int before) {
        Turn turn = supersededTurn(before);

        WakeUps woken = storeReply.answer(exchange(turn));

        assertThat(replies(turn)).isEmpty();
        assertThat(woken.answers()).hasSize(1);
        assertThat(supersededSince(turn)).isEqualTo(before + 1);
    }

    @Test
    void givesUpNoMoreThanThreeRepliesInARow() {
        Turn turn = supersededTurn(3);
        Exchange exchange = exchange(turn);

        WakeUps woken = storeReply.answer(exchange);

        assertThat(replies(turn)).extracting(Sent::status).containsExactly("sending");
        assertThat(exchange.getProperty(ClaimMessage.JUST_CLAIMED)).isNotNull();
        assertThat(woken.answers())
                .as("the newer message has an answer of its own")
                .hasSize(1);
        assertThat(due(turn)).isTrue();
        assertThat(supersededSince(turn)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status = 'assigned_human'", "fence = fence + 1", "lease_owner = gen_random_uuid()"})
    void storesNothingOnceItIsNoLongerItsTurn(String meanwhile) {
        Turn turn = turnInProgress(1);
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("update conversations set " + meanwhile)
                .update());
        Exchange exchange = exchange(turn);

        WakeUps woken = storeReply.answer(exchange);

        assertThat(replies(turn)).isEmpty();
        assertThat(exchange.getProperty(ClaimMessage.JUST_CLAIMED)).isNull();
        assertThat(woken.sends()).isEmpty();
    }

    @Test
    void leavesNothingDueWhenNothingCameIn() {
        Turn turn = turnInProgress(1);

        storeReply.answer(exchange(turn));

        assertThat(due(turn)).isFalse();
    }

    @Test
    void holdsWhatIsLeftAfterAsManyMessagesAsOneAnswerCovers() {
        Turn full = fullTurn();

        WakeUps woken = storeReply.answer(exchange(full));

        assertThat(replies(full))
                .as("a full turn is not begun anew for a newer message")
                .hasSize(1);
        assertThat(woken.answers()).hasSize(1);
        boolean isHeld = transactions.in(
                full.tenantId(), jdbc -> jdbc.sql("""
                        select due_at between now() + interval '30 seconds' and now() + interval '1 minute'
                          and next_wake_at > due_at from conversations""").query(Boolean.class).single());
        assertThat(isHeld).isTrue();
    }

    /** A turn of as many messages as there may be, and one more message that waits. */
    private Turn fullTurn() {
        Turn turn = turnInProgress(1);
        List<UUID> all = new ArrayList<>(turn.inbound());
        transactions.run(turn.tenantId(), jdbc -> {
            for (int position = 2; position <= ClaimConversation.UNANSWERED_MAX + 1; position++) {
                UUID message = ids.next();
                receive(jdbc, turn, message, position);
                all.add(message);
            }
        });
        return new Turn(
                turn.tenantId(),
                turn.conversationId(),
                turn.channelId(),
                turn.channelType(),
                turn.contact(),
                turn.fence(),
                1,
                0,
                0,
                turn.settings(),
                all.subList(0, ClaimConversation.UNANSWERED_MAX),
                false);
    }

    @Test
    void commitsTheReplyAsBeingSentByWhoWroteIt() {
        Turn turn = turnInProgress(1);
        Exchange exchange = exchange(turn);

        WakeUps woken = storeReply.answer(exchange);

        assertThat(woken.sends()).isEmpty();
        ClaimMessage.JustClaimed claimed =
                exchange.getProperty(ClaimMessage.JUST_CLAIMED, ClaimMessage.JustClaimed.class);
        assertThat(claimed.text()).isEqualTo("At nine.");
        assertThat(claimed.began()).isEqualTo(turn.inbound().getFirst());
        assertThat(replies(turn)).containsExactly(new Sent(claimed.id(), "sending", instance.id(), 1));
    }

    @Test
    void leavesTheReplyToTheDispatchWhileAnEarlierMessageIsOnItsWay() {
        Turn turn = turnInProgress(1);
        UUID again = ids.next();
        storeReply.answer(exchange(turn));
        transactions.run(turn.tenantId(), jdbc -> {
            lease(jdbc, turn, turn.fence());
            receive(jdbc, turn, again, 3);
        });
        Exchange second = exchange(new Turn(
                turn.tenantId(),
                turn.conversationId(),
                turn.channelId(),
                turn.channelType(),
                turn.contact(),
                turn.fence(),
                1,
                0,
                0,
                turn.settings(),
                List.of(again),
                false));

        WakeUps woken = storeReply.answer(second);

        assertThat(second.getProperty(ClaimMessage.JUST_CLAIMED)).isNull();
        assertThat(woken.sends()).hasSize(1);
        assertThat(replies(turn).getLast())
                .extracting(Sent::status, Sent::leaseOwner, Sent::attempts)
                .containsExactly("pending", null, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"status = 'assigned_human'", "fence = fence + 1"})
    void tellsWhatToolsDidThoughTheReplyIsDropped(String meanwhile) {
        Turn turn = turnInProgress(1);
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("update conversations set " + meanwhile)
                .update());
        Exchange exchange = exchange(turn);
        Trace.add(exchange, Hop.now("tool", "ok", Map.of("tool", "refund")));
        Trace.add(exchange, Hop.now("asked", "answered", Map.of()));

        WakeUps woken = storeReply.answer(exchange);

        assertThat(woken.sends()).isEmpty();
        List<String> stages =
                transactions.in(turn.tenantId(), jdbc -> jdbc.sql("select stage from timeline where message_id = ?")
                        .param(turn.inbound().getFirst())
                        .query(String.class)
                        .list());
        assertThat(stages).containsExactly("tool");
    }

    /** A turn in whose midst another message comes in, after so many replies that were given up. */
    private Turn supersededTurn(int times) {
        Turn turn = turnInProgress(1);
        transactions.run(turn.tenantId(), jdbc -> {
            jdbc.sql("update conversations set superseded = ?").param(times).update();
            receive(jdbc, turn, ids.next(), 2);
        });
        return new Turn(
                turn.tenantId(),
                turn.conversationId(),
                turn.channelId(),
                turn.channelType(),
                turn.contact(),
                turn.fence(),
                turn.attempts(),
                turn.deaths(),
                times,
                turn.settings(),
                turn.inbound(),
                turn.textless());
    }

    private int supersededSince(Turn turn) {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql("select superseded from conversations where id = ?")
                .param(turn.conversationId())
                .query(Integer.class)
                .single());
    }

    private Exchange exchange(Turn turn) {
        return ExchangeBuilder.anExchange(camel)
                .withProperty("HubTurn", turn)
                .withBody(new org.caravanserai.model.Answer("At nine.", List.of(), null, "answered"))
                .build();
    }

    private record Sent(UUID id, String status, UUID leaseOwner, int attempts) {}

    private List<Sent> replies(Turn turn) {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql(
                        "select id, status, lease_owner, attempts from messages where conversation_id = ? and direction = 'outbound' order by position")
                .param(turn.conversationId())
                .query(Sent.class)
                .list());
    }

    private boolean due(Turn turn) {
        return transactions.in(
                turn.tenantId(), jdbc -> jdbc.sql("select due_at is not null from conversations where id = ?")
                        .param(turn.conversationId())
                        .query(Boolean.class)
                        .single());
    }
}
