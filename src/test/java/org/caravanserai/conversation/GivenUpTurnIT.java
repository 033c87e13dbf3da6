package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A turn whose hubs die, each time that one takes it. */
class GivenUpTurnIT extends OnTurn {

    @Autowired
    ClaimConversation claimConversation;

    @Autowired
    CamelContext camel;

    @Autowired
    MeterRegistry meters;

    private Turn turn;

    @BeforeEach
    void becomeDue() {
        turn = turnInProgress(7);
        set("lease_owner = null, due_at = now()");
    }

    @Test
    void isGivenUpAtTheClaimAfterFiveDeathsAndTheContactIsTold() throws Exception {
        double before = meters.counter("hub.given.up", "kind", "turn").count();

        for (int death = 1; death <= 5; death++) {
            assertThat(claim()).as("claim " + death).isTrue();
            set("lease_owner = '" + anotherHub(11) + "'");
        }
        assertThat(claim()).isFalse();

        assertThat(replies()).containsExactly("system");
        JsonNode letter = letters().get(0);
        assertThat(letter.get("attempts").asInt()).isEqualTo(5);
        assertThat(letter.get("cause").asText()).contains("5 times");
        assertThat(letter.get("payload").asText()).contains("When do you open?");
        assertThat(timeline()).contains("failed given_up", "replied fallback");
        assertThat(meters.counter("hub.given.up", "kind", "turn").count()).isEqualTo(before + 1);
        assertThat(claim()).as("nothing is due any more").isFalse();
        assertThat(replies()).hasSize(1);
    }

    @Test
    void beginsAnewWhenItsLetterIsReplayed() throws Exception {
        set("lease_owner = '" + anotherHub(11) + "', deaths = 4");
        claim();

        Answer replayed =
                call("POST", "/api/dead-letters/" + letters().get(0).get("id").asText() + "/replay", null);

        assertThat(replayed.status()).isEqualTo(202);
        assertThat(one("deaths")).isZero();
    }

    @Test
    void countsNoDeathWhereTheHubWasStoppedOrOnlyCouldNotRecordTheEnd() {
        UUID stopped = anotherHub(1);
        transactions.acrossTenants(jdbc -> jdbc.sql("update instances set ended_at = now() where id = ?")
                .param(stopped)
                .update());
        set("deaths = 4, attempts = 1, lease_owner = '" + stopped + "'");
        assertThat(claim()).isTrue();

        set("lease_owner = '" + instance.id() + "'");
        assertThat(claim()).isTrue();

        assertThat(one("deaths")).isEqualTo(4);
        assertThat(one("attempts")).as("that failed").isEqualTo(1);
    }

    @Test
    void isTakenFromAHubThatLivesOnceItsTimeIsUp() {
        UUID other = anotherHub(1);
        set("lease_owner = '" + other + "', leased_until = now() + interval '10 seconds'");
        assertThat(claim()).isFalse();

        set("leased_until = now() - interval '1 second'");

        assertThat(claim()).isTrue();
        assertThat(one("deaths")).isOne();
        assertThat(one("fence")).isEqualTo(8);
    }

    /** As a turn that ends at once, so that this hub itself does not turn the next one away. */
    private boolean claim() {
        Exchange exchange = ExchangeBuilder.anExchange(camel).build();
        try {
            return claimConversation.claim(new WakeUp(turn.tenantId(), turn.conversationId()).toString(), exchange);
        } finally {
            end(exchange);
        }
    }

    private void set(String columns) {
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("update conversations set " + columns)
                .update());
    }

    private int one(String column) {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql("select " + column + " from conversations")
                .query(Integer.class)
                .single());
    }

    private List<String> replies() {
        return transactions.in(
                turn.tenantId(), jdbc -> jdbc.sql("select author from messages where direction = 'outbound'")
                        .query(String.class)
                        .list());
    }

    private List<String> timeline() {
        return transactions.in(
                turn.tenantId(), jdbc -> jdbc.sql("select stage || ' ' || outcome from timeline order by id")
                        .query(String.class)
                        .list());
    }

    private JsonNode letters() throws Exception {
        return call("GET", "/api/dead-letters?routeId=conversation-answer&tenantId=" + turn.tenantId(), null)
                .body()
                .get("items");
    }
}
