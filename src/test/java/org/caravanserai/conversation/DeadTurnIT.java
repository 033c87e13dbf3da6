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
import org.caravanserai.HubIT;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A turn that failed for good, and its replay. */
class DeadTurnIT extends HubIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Autowired
    FailTurn failTurn;

    @Autowired
    Instance instance;

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

    private void lease(JdbcClient jdbc, Turn turn, long fence) {
        jdbc.sql("update conversations set lease_owner = ?, fence = ?, due_at = now() + interval '1 hour' where id = ?")
                .params(instance.id(), fence, turn.conversationId())
                .update();
    }

    private Turn turnInProgress(long fence) {
        UUID tenant = newTenant();
        UUID channel = ids.next();
        UUID contact = ids.next();
        UUID conversation = ids.next();
        UUID message = ids.next();
        Turn turn = new Turn(
                tenant,
                conversation,
                channel,
                "generic",
                new Turn.Contact(contact, null, "ada"),
                fence,
                1,
                0,
                TenantSettings.NONE,
                List.of(message),
                false);
        transactions.run(tenant, jdbc -> {
            jdbc.sql("insert into channels (id, tenant_id, type, name) values (?, ?, 'generic', 'Site')")
                    .params(channel, tenant)
                    .update();
            jdbc.sql("insert into contacts (id, tenant_id, channel_id, address) values (?, ?, ?, 'ada')")
                    .params(contact, tenant, channel)
                    .update();
            jdbc.sql("insert into conversations (id, tenant_id, channel_id, contact_id) values (?, ?, ?, ?)")
                    .params(conversation, tenant, channel, contact)
                    .update();
            lease(jdbc, turn, fence);
            receive(jdbc, turn, message, 1);
        });
        return turn;
    }

    private static void receive(JdbcClient jdbc, Turn turn, UUID id, int position) {
        jdbc.sql("update conversations set last_position = ? where id = ?")
                .params(position, turn.conversationId())
                .update();
        jdbc.sql("""
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, external_id)
                  values (?, ?, ?, ?, ?, 'inbound', 'contact', 'text', 'When do you open?', 'received', ?)""")
                .params(id, turn.tenantId(), turn.conversationId(), turn.channelId(), position, id.toString())
                .update();
    }
}
