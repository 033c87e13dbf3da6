package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A turn that failed for good, and its replay. */
class DeadTurnIT extends OnTurn {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Autowired
    FailTurn failTurn;

    @Autowired
    CamelContext camel;

    @Test
    void endsWithTheFallbackReplyAndALetterThatIsAnsweredWhenReplayed() throws Exception {
        Turn turn = turnInProgress(1);

        failTurn.fail(failed(turn));
        JsonNode letter = letters(turn).get(0);
        Answer replayed = call("POST", "/api/dead-letters/" + letter.get("id").asText() + "/replay", null);

        assertThat(letter.get("routeId").asText()).isEqualTo("conversation-answer");
        assertThat(letter.get("payload").asText()).contains("When do you open?");
        assertThat(replayed.status()).isEqualTo(202);
        assertThat(replayed.body().get("status").asText()).isEqualTo("replayed");
        await().atMost(SOON).until(() -> letters(turn).get(0).get("status").asText(), "resolved"::equals);
        assertThat(replies(turn)).hasSize(2).endsWith("model");
    }

    @Test
    void isDeadAgainWithItsMessagesWhenTheReplayFailsToo() throws Exception {
        Turn turn = turnInProgress(1);
        failTurn.fail(failed(turn));
        String id = letters(turn).get(0).get("id").asText();
        holdBack(turn);
        call("POST", "/api/dead-letters/" + id + "/replay", null);
        UUID newer = ids.next();
        transactions.run(turn.tenantId(), jdbc -> {
            receive(jdbc, turn, newer, 9);
            lease(jdbc, turn, 7);
        });
        Turn again = new Turn(
                turn.tenantId(),
                turn.conversationId(),
                turn.channelId(),
                turn.channelType(),
                turn.contact(),
                7,
                3,
                0,
                0,
                TenantSettings.NONE,
                List.of(turn.inbound().getFirst(), newer),
                false);

        failTurn.fail(failed(again));

        JsonNode letters = letters(turn);
        assertThat(letters).hasSize(2);
        JsonNode same = letters.get(1);
        assertThat(same.get("id").asText()).isEqualTo(id);
        assertThat(same.get("status").asText()).isEqualTo("dead");
        assertThat(same.get("attempts").asInt()).isEqualTo(4);
        assertThat(letters.get(0).get("attempts").asInt()).isEqualTo(3);
    }

    @Test
    void isNotReplayedWhileAPersonHasTheConversation() throws Exception {
        Turn turn = turnInProgress(1);
        failTurn.fail(failed(turn));
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("update conversations set status = 'assigned_human'")
                .update());

        Answer refused = call(
                "POST", "/api/dead-letters/" + letters(turn).get(0).get("id").asText() + "/replay", null);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(letters(turn).get(0).get("status").asText()).isEqualTo("dead");
        assertThat(transactions.<Boolean>in(
                        turn.tenantId(), jdbc -> jdbc.sql("select due_at is null from conversations")
                                .query(Boolean.class)
                                .single()))
                .isTrue();
    }

    @Test
    void leavesNoLetterWhenAnotherHubHasTheLease() throws Exception {
        Turn turn = turnInProgress(1);
        transactions.run(turn.tenantId(), jdbc -> lease(jdbc, turn, 8));

        failTurn.fail(failed(turn));

        assertThat(letters(turn)).isEmpty();
        assertThat(replies(turn)).isEmpty();
    }

    private Exchange failed(Turn turn) {
        return ExchangeBuilder.anExchange(camel)
                .withProperty("HubTurn", turn)
                .withProperty(Exchange.EXCEPTION_CAUGHT, new PermanentException("The prompt cannot be made.", null))
                .build();
    }

    private JsonNode letters(Turn turn) throws Exception {
        return call("GET", "/api/dead-letters?routeId=conversation-answer&tenantId=" + turn.tenantId(), null)
                .body()
                .get("items");
    }

    private List<String> replies(Turn turn) {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql(
                        "select author from messages where direction = 'outbound' order by position")
                .query(String.class)
                .list());
    }

    /** Nothing answers it by itself: the lease is a living hub's. */
    private void holdBack(Turn turn) {
        UUID other = ids.next();
        transactions.acrossTenants(jdbc -> jdbc.sql(
                        "insert into instances (id, host, pid, heartbeat_at) values (?, 'other', 1, now() + interval '1 hour')")
                .param(other)
                .update());
        transactions.run(turn.tenantId(), jdbc -> jdbc.sql("update conversations set lease_owner = ? where id = ?")
                .params(other, turn.conversationId())
                .update());
    }
}
