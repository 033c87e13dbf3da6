package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The end of a hand-over that nobody answered. */
class EndHandOverIT extends OnTurn {

    @Autowired
    EndHandOver endHandOver;

    @Test
    void waitsForAPersonWhoAnswersAtTheSameMoment() throws Exception {
        Turn turn = turnInProgress(1);
        endsIn(turn, "-1 second");
        CountDownLatch locked = new CountDownLatch(1);
        CompletableFuture<Void> answering = CompletableFuture.runAsync(() -> transactions.run(turn.tenantId(), jdbc -> {
            jdbc.sql("update conversations set hand_over_ends_at = null where id = ?")
                    .param(turn.conversationId())
                    .update();
            locked.countDown();
            await().pollInSameThread().atMost(Duration.ofSeconds(8)).until(() -> someoneWaitsForALock(jdbc));
        }));
        assertThat(locked.await(10, TimeUnit.SECONDS)).isTrue();

        WakeUps left = endHandOver.end(row(turn));

        answering.get(10, TimeUnit.SECONDS);
        assertThat(left.answers()).isEmpty();
        assertThat(status(turn)).isEqualTo("assigned_human");
    }

    @Test
    void endsOnceWhenTwoReplicasFindIt() {
        Turn turn = turnInProgress(1);
        endsIn(turn, "-1 second");

        WakeUps first = endHandOver.end(row(turn));
        WakeUps second = endHandOver.end(row(turn));

        assertThat(first.answers().size() + second.answers().size()).isLessThanOrEqualTo(1); // the sweep may be first
        assertThat(status(turn)).isEqualTo("active");
        assertThat(hops(turn)).isEqualTo(1);
    }

    @Test
    void leavesWhatIsNotOverYet() {
        Turn turn = turnInProgress(1);
        endsIn(turn, "1 hour");

        assertThat(endHandOver.end(row(turn)).answers()).isEmpty();

        assertThat(status(turn)).isEqualTo("assigned_human");
    }

    private void endsIn(Turn turn, String interval) {
        transactions.run(
                turn.tenantId(),
                jdbc -> jdbc.sql("""
                update conversations set status = 'assigned_human', lease_owner = null, due_at = null, next_wake_at = null,
                  hand_over_ends_at = now() + ?::interval where id = ?""").params(interval, turn.conversationId()).update());
    }

    private static String row(Turn turn) {
        return new WakeUp(turn.tenantId(), turn.conversationId()).toString();
    }

    private String status(Turn turn) {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql("select status from conversations where id = ?")
                .param(turn.conversationId())
                .query(String.class)
                .single());
    }

    private int hops(Turn turn) {
        return transactions.in(
                turn.tenantId(), jdbc -> jdbc.sql("select count(*) from timeline where outcome = 'timed_out'")
                        .query(Integer.class)
                        .single());
    }
}
