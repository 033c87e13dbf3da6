package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.AdviceWith;
import org.caravanserai.model.Question;
import org.caravanserai.wakeup.Wake;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** A step of the answer that never ends, or ends in a way that nobody expects, while its hub lives on. */
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/poison",
            "hub.work.max-attempts=2",
            "hub.work.turn-timeout=2s",
            "hub.work.inbox-timeout=2s",
            "hub.work.stuck-check=1s",
            "hub.work.max-in-flight=4"
        })
@DirtiesContext
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoisonousTurnIT extends OnTurn {

    private static final Duration SOON = Duration.ofSeconds(60);

    @Autowired
    CamelContext camel;

    @Autowired
    Wake wake;

    @Autowired
    Admission admission;

    @Autowired
    MeterRegistry meters;

    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicInteger begun = new AtomicInteger();
    private volatile Poison poison;

    private enum Poison {
        NONE,
        SPINS,
        WAITS,
        OVERFLOWS_THE_STACK,
        FILLS_THE_HEAP,
        ASSERTS
    }

    @BeforeAll
    void poison() throws Exception {
        AdviceWith.adviceWith(
                camel, "conversation-enrich", route -> route.weaveAddFirst().process(this::enrich));
    }

    @BeforeEach
    void nothingIsBegun() {
        isOver.set(false);
        begun.set(0);
    }

    @AfterEach
    void letGo() {
        isOver.set(true);
    }

    private void enrich(Exchange exchange) throws InterruptedException {
        if (!exchange.getProperty("HubQuestion", Question.class).texts().contains("Poison")) {
            return;
        }
        begun.incrementAndGet();
        switch (poison) {
            case NONE -> {
                // as any other
            }
            case SPINS -> spin();
            case WAITS -> new CountDownLatch(1).await();
            case OVERFLOWS_THE_STACK -> overflow(1);
            case FILLS_THE_HEAP -> throw new OutOfMemoryError("Java heap space");
            case ASSERTS -> throw new AssertionError("never");
        }
    }

    private void spin() {
        while (!isOver.get()) {
            Thread.onSpinWait();
        }
    }

    private static int overflow(int depth) {
        return overflow(depth + 1) + 1;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void endsWithTheFallbackReplyWhileOthersAreAnswered(Poison poison) throws Exception {
        this.poison = poison;
        Turn deadly = due("Poison");
        Turn other = due("When do you open?");

        await().atMost(SOON).until(() -> replies(other), List.of("model")::equals);
        await().atMost(SOON).until(() -> replies(deadly), List.of("system")::equals);

        assertThat(begun.get()).isBetween(1, 2);
        assertThat(call("GET", "/api/dead-letters?routeId=conversation-answer&tenantId=" + deadly.tenantId(), null)
                        .body()
                        .get("items"))
                .hasSize(1);
        await().atMost(SOON).until(admission::inFlight, taken -> taken == 0);
        assertThat(call("GET", "/actuator/health/liveness", null).status()).isEqualTo(200);
    }

    /** As many as the machine has processors, and more: each of them keeps a carrier of the virtual threads. */
    @Test
    void leavesCarriersToOthersHoweverManySpin() throws Exception {
        poison = Poison.SPINS;
        List<Turn> deadly = Stream.generate(() -> due("Poison"))
                .limit(Runtime.getRuntime().availableProcessors() + 1L)
                .toList();
        await().atMost(SOON).until(() -> begun.get() == deadly.size());

        Turn other = due("When do you open?");

        await().atMost(SOON).until(() -> replies(other), List.of("model")::equals);
        await().atMost(SOON)
                .until(() -> deadly.stream().allMatch(turn -> replies(turn).equals(List.of("system"))));
        assertThat(begun.get()).as("none was begun again beside itself").isEqualTo(deadly.size());
        assertThat(meters.get("hub.work.overdue").tag("kind", "turn").counter().count())
                .isGreaterThanOrEqualTo(deadly.size());
    }

    private Turn due(String text) {
        Turn turn = turnInProgress(1);
        transactions.run(turn.tenantId(), jdbc -> {
            jdbc.sql("update messages set text = ?").param(text).update();
            jdbc.sql("update conversations set lease_owner = null, due_at = now(), next_wake_at = now()")
                    .update();
        });
        wake.up("conversation-answer", turn.tenantId(), turn.conversationId());
        return turn;
    }

    private List<String> replies(Turn turn) {
        return transactions.in(
                turn.tenantId(), jdbc -> jdbc.sql("select author from messages where direction = 'outbound'")
                        .query(String.class)
                        .list());
    }
}
