package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Who may answer a conversation, while several hubs ask. */
class ClaimConversationIT extends OnTurn {

    @Autowired
    ClaimConversation claimConversation;

    @Autowired
    CamelContext camel;

    private Turn turn;

    private record Lease(UUID owner, long fence) {}

    @BeforeEach
    void becomeDue() {
        turn = turnInProgress(7);
        set("lease_owner = null, due_at = now()");
    }

    @Test
    void takesWhatIsDueAndCountsItsFenceUp() {
        Exchange exchange = exchange();

        assertThat(claim(exchange)).isTrue();

        assertThat(lease()).isEqualTo(new Lease(instance.id(), 8));
        assertThat(exchange.getProperty("HubTurn", Turn.class).inbound()).isEqualTo(turn.inbound());
        assertThat(exchange.getProperty("HubTurn", Turn.class).fence()).isEqualTo(8);
    }

    @Test
    void leavesToAnotherHubWhatThatHasWhileItLives() {
        UUID other = anotherHub(4);
        set("lease_owner = '" + other + "'");

        assertThat(claim(exchange())).isFalse();

        assertThat(lease()).isEqualTo(new Lease(other, 7));
    }

    @Test
    void takesOverWhatADeadHubHad() {
        set("lease_owner = '" + anotherHub(11) + "'");

        assertThat(claim(exchange())).isTrue();

        assertThat(lease()).isEqualTo(new Lease(instance.id(), 8));
    }

    @Test
    void givesAConversationToOneOfManyWhoAskAtOnce() throws Exception {
        List<Callable<Boolean>> asking = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            asking.add(() -> claim(exchange()));
        }
        int given = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> one : threads.invokeAll(asking)) {
                given += one.get() ? 1 : 0;
            }
        }

        assertThat(given).isEqualTo(1);
        assertThat(lease()).isEqualTo(new Lease(instance.id(), 8));
    }

    @Test
    void takesNothingBeforeItIsDueNorWhatAPersonHas() {
        set("due_at = now() + interval '1 minute'");
        assertThat(claim(exchange())).isFalse();

        set("due_at = now(), status = 'assigned_human'");
        assertThat(claim(exchange())).isFalse();

        assertThat(lease()).isEqualTo(new Lease(null, 7));
    }

    @Test
    void givesBackAtOnceWhatHasNothingToAnswer() {
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("update messages set answered_by = gen_random_uuid()")
                .update());

        assertThat(claim(exchange())).isFalse();

        assertThat(lease().owner).isNull();
    }

    /** As a turn that ends at once, so that this hub itself does not turn the next one away. */
    private boolean claim(Exchange exchange) {
        try {
            return claimConversation.claim(new WakeUp(turn.tenantId(), turn.conversationId()).toString(), exchange);
        } finally {
            end(exchange);
        }
    }

    private Exchange exchange() {
        return ExchangeBuilder.anExchange(camel).build();
    }

    private void set(String columns) {
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("update conversations set " + columns)
                .update());
    }

    private Lease lease() {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql("select lease_owner, fence from conversations")
                .query((row, n) -> new Lease(row.getObject(1, UUID.class), row.getLong(2)))
                .single());
    }
}
