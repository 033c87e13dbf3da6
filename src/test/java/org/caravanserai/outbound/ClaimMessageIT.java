package org.caravanserai.outbound;

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
import org.caravanserai.maintenance.Instance;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What is checked at the moment of sending. */
class ClaimMessageIT extends HubIT {

    @Autowired
    ClaimMessage claimMessage;

    @Autowired
    Instance instance;

    @Autowired
    CamelContext camel;

    private UUID tenant;
    private UUID channel;
    private UUID conversation;

    private record Stored(String status, UUID owner, int attempts, String error) {}

    @BeforeEach
    void openAConversation() {
        tenant = newTenant();
        channel = newChannel(tenant);
        conversation = ids.next();
        UUID contact = ids.next();
        transactions.run(tenant, jdbc -> {
            jdbc.sql("insert into contacts (id, tenant_id, channel_id, address) values (?, ?, ?, 'ada')")
                    .params(contact, tenant, channel)
                    .update();
            jdbc.sql("insert into conversations (id, tenant_id, channel_id, contact_id) values (?, ?, ?, ?)")
                    .params(conversation, tenant, channel, contact)
                    .update();
        });
    }

    @Test
    void commitsAMessageAsBeingSentBeforeItIs() {
        UUID reply = message(1, "model", "pending");

        Exchange exchange = exchange();

        assertThat(claim(reply, exchange)).isTrue();
        assertThat(exchange.getProperty("HubSend", Send.class).text()).isEqualTo("At nine.");
        assertThat(stored(reply)).isEqualTo(new Stored("sending", instance.id(), 1, null));
    }

    @Test
    void sendsNoReplyOfTheModelOnceAPersonHasTheConversation() {
        UUID reply = message(1, "model", "pending");
        UUID byPerson = message(2, "human", "pending");
        set("conversations", "status = 'assigned_human'");

        assertThat(claim(reply)).isFalse();

        assertThat(stored(reply)).isEqualTo(new Stored("failed", null, 0, "A person took over."));
        assertThat(hops(reply)).containsExactly("handed_over");
        await("what the person wrote is woken and leaves")
                .atMost(Duration.ofSeconds(30))
                .until(() -> stored(byPerson).attempts == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pending", "sending"})
    void waitsForTheConversationsMessageBefore(String status) {
        UUID first = message(1, "model", status);
        UUID second = message(2, "model", "pending");

        assertThat(claim(second)).isFalse();
        assertThat(stored(second)).isEqualTo(new Stored("pending", null, 0, null));

        set("messages", "status = 'sent', due_at = null where id = '" + first + "'");
        assertThat(claim(second)).isTrue();
    }

    @Test
    void sendsNothingThatIsFinalOrNotDueYet() {
        UUID sent = message(1, "model", "sent");
        set("messages", "due_at = null");
        UUID later = message(2, "model", "pending");
        set("messages", "due_at = now() + interval '1 minute' where id = '" + later + "'");

        assertThat(claim(sent)).isFalse();
        assertThat(claim(later)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"4, true", "11, false"})
    void leavesToAnotherHubWhatThatIsSendingWhileItLives(int beatSecondsAgo, boolean isAlive) {
        UUID other = anotherHub(beatSecondsAgo);
        UUID reply = message(1, "model", "sending");
        set("messages", "attempts = 1, lease_owner = '" + other + "'");

        assertThat(claim(reply)).as("it may have left").isFalse();

        assertThat(stored(reply)).isEqualTo(new Stored("sending", isAlive ? other : null, 1, null));
        assertThat(secondsUntilDue(reply)).isBetween(isAlive ? -5 : 10, isAlive ? 0 : 15);
    }

    @Test
    void sendsAgainWhatNoEchoSettledInTime() {
        UUID reply = message(1, "model", "sending");
        set("messages", "attempts = 1, lease_owner = '" + anotherHub(11) + "'");
        claim(reply);
        assertThat(claim(reply)).as("before the fifteen seconds are over").isFalse();

        set("messages", "due_at = now() - interval '1 second'");

        assertThat(claim(reply)).isTrue();
        assertThat(stored(reply)).isEqualTo(new Stored("sending", instance.id(), 2, null));
    }

    @Test
    void givesUpWhatFiveHubsDiedOfAndLetsTheNextGo() throws Exception {
        UUID deadly = message(1, "model", "pending");
        UUID next = message(2, "model", "pending");
        for (int death = 1; death <= 5; death++) {
            assertThat(claim(deadly)).as("send " + death).isTrue();
            set("messages", "lease_owner = '" + anotherHub(11) + "' where id = '" + deadly + "'");
            assertThat(claim(deadly)).as("it may have left").isFalse();
            set("messages", "due_at = now() - interval '1 second' where id = '" + deadly + "'");
        }

        assertThat(claim(deadly)).isFalse();

        assertThat(stored(deadly).status()).isEqualTo("failed");
        assertThat(stored(deadly).error()).contains("5 times");
        assertThat(hops(deadly)).contains("failed");
        JsonNode letter = call("GET", "/api/dead-letters?routeId=outbound-dispatch&tenantId=" + tenant, null)
                .body()
                .get("items")
                .valueStream()
                .filter(one -> one.get("cause").asText().contains("5 times"))
                .findFirst()
                .orElseThrow();
        assertThat(letter.get("payload").asText()).isEqualTo("At nine.");
        assertThat(letter.get("attempts").asInt()).isEqualTo(5);
        assertThat(transactions.<List<String>>in(tenant, jdbc -> jdbc.sql("select type from events")
                        .query(String.class)
                        .list()))
                .contains("message.failed");
        await().until(() -> stored(next).status(), status -> !status.equals("pending")); // it was woken
    }

    private boolean claim(UUID message) {
        return claim(message, exchange());
    }

    /** As an exchange that ends at once, so that this hub itself does not turn the next one away. */
    private boolean claim(UUID message, Exchange exchange) {
        try {
            return claimMessage.claim(new WakeUp(tenant, message).toString(), exchange);
        } finally {
            end(exchange);
        }
    }

    private Exchange exchange() {
        return ExchangeBuilder.anExchange(camel).build();
    }

    /** Due, and woken by nobody. */
    private UUID message(int position, String author, String status) {
        UUID id = ids.next();
        transactions.run(tenant, jdbc -> jdbc.sql("""
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, due_at)
                  values (?, ?, ?, ?, ?, 'outbound', ?, 'text', 'At nine.', ?, now())""")
                .params(id, tenant, conversation, channel, position, author, status)
                .update());
        return id;
    }

    private void set(String table, String columns) {
        transactions.run(
                tenant, jdbc -> jdbc.sql("update " + table + " set " + columns).update());
    }

    private Stored stored(UUID message) {
        return transactions.in(tenant, jdbc -> jdbc.sql(
                        "select status, lease_owner as owner, attempts, error from messages where id = ?")
                .param(message)
                .query(Stored.class)
                .single());
    }

    private int secondsUntilDue(UUID message) {
        return transactions.in(
                tenant, jdbc -> jdbc.sql("select extract(epoch from due_at - now())::int from messages where id = ?")
                        .param(message)
                        .query(Integer.class)
                        .single());
    }

    private List<String> hops(UUID message) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select stage from timeline where message_id = ?")
                .param(message)
                .query(String.class)
                .list());
    }
}
