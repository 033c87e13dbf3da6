package org.caravanserai.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TurnsByTenantTest {

    private static final UUID BUSY = new UUID(0, 1);
    private static final UUID QUIET = new UUID(0, 2);

    private final TurnsByTenant turns = new TurnsByTenant(1, () -> false);
    private final List<String> order = new CopyOnWriteArrayList<>();

    @Test
    void aTenantWaitsForTenantsAndNotForTheirBacklog() throws Exception {
        turns.enter(BUSY, 1, TimeUnit.SECONDS);
        for (int i = 0; i < 5; i++) {
            queue(BUSY, "busy " + i);
        }
        queue(QUIET, "quiet");

        turns.leave(BUSY);

        await().until(() -> order.size() == 6);
        assertThat(order).containsExactly("busy 0", "quiet", "busy 1", "busy 2", "busy 3", "busy 4");
    }

    @Test
    void whoGivesUpLeavesItsTurnToTheNext() throws Exception {
        turns.enter(BUSY, 1, TimeUnit.SECONDS);

        assertThat(turns.enter(QUIET, 1, TimeUnit.MILLISECONDS)).isFalse();
        queue(BUSY, "busy");
        turns.leave(BUSY);

        await().until(() -> order.size() == 1);
    }

    @Test
    void aPlaceThatIsFreeIsGivenAtOnceAndComesBackOnce() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(turns.enter(BUSY, 0, TimeUnit.SECONDS)).isTrue();
            assertThat(turns.enter(QUIET, 0, TimeUnit.SECONDS)).isFalse();
            turns.leave(BUSY);
        }
    }

    @Test
    void anInterruptedOneTakesNoPlaceAway() throws Exception {
        turns.enter(BUSY, 1, TimeUnit.SECONDS);
        Thread waiting = queue(QUIET, "never");

        waiting.interrupt();
        waiting.join();
        turns.leave(BUSY);

        assertThat(turns.enter(BUSY, 0, TimeUnit.SECONDS)).isTrue();
        assertThat(order).isEmpty();
    }

    @Test
    void keepsPlacesForTenantsThatHaveNone() throws Exception {
        TurnsByTenant six = new TurnsByTenant(6, () -> false);

        for (int i = 0; i < 4; i++) {
            assertThat(six.enter(BUSY, 0, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(six.enter(BUSY, 0, TimeUnit.SECONDS)).isFalse();
        assertThat(six.enter(QUIET, 0, TimeUnit.SECONDS)).isTrue();
        assertThat(six.enter(QUIET, 0, TimeUnit.SECONDS)).isFalse();
        assertThat(six.enter(new UUID(0, 3), 0, TimeUnit.SECONDS)).isTrue();
        assertThat(six.enter(new UUID(0, 4), 0, TimeUnit.SECONDS)).isFalse();
        six.leave(QUIET);
        assertThat(six.enter(BUSY, 0, TimeUnit.SECONDS)).isFalse();
        assertThat(six.enter(QUIET, 0, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void keepsToOnePlaceWhileItStepsBackAndTakesAllUpAfterIt() throws Exception {
        AtomicBoolean busy = new AtomicBoolean(true);
        TurnsByTenant three = new TurnsByTenant(3, busy::get);

        assertThat(three.enter(BUSY, 0, TimeUnit.SECONDS)).isTrue();
        assertThat(three.enter(QUIET, 0, TimeUnit.SECONDS)).isFalse();
        CompletableFuture<Boolean> first = CompletableFuture.supplyAsync(() -> entered(three));
        CompletableFuture<Boolean> second = CompletableFuture.supplyAsync(() -> entered(three));
        await().during(Duration.ofMillis(100)).until(() -> !first.isDone() && !second.isDone());
        busy.set(false);
        three.leave(BUSY);

        assertThat(first.get(1, TimeUnit.SECONDS) && second.get(1, TimeUnit.SECONDS))
                .isTrue();
    }

    private static boolean entered(TurnsByTenant turns) {
        try {
            return turns.enter(QUIET, 1, TimeUnit.MINUTES);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Returns once it waits in the queue. */
    private Thread queue(UUID tenant, String name) {
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                if (turns.enter(tenant, 1, TimeUnit.MINUTES)) {
                    order.add(name);
                    turns.leave(tenant);
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return thread;
    }
}
