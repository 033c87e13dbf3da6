package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.HubIT;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.wakeup.WakeUps;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The end of a turn, while messages come in. */
class StoreReplyIT extends HubIT {

    @Autowired
    StoreReply storeReply;

    @Autowired
    Instance instance;

    @Autowired
    CamelContext camel;

    @Test
    void seesAMessageThatIsCommittedWhileItWaitsForTheConversation() throws Exception {
        Turn turn = turnInProgress();
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

    @Test
    void leavesNothingDueWhenNothingCameIn() {
        Turn turn = turnInProgress();

        WakeUps woken = storeReply.answer(exchange(turn));

        assertThat(woken.sends()).hasSize(1);
        assertThat(due(turn)).isFalse();
    }

    private Exchange exchange(Turn turn) {
        return ExchangeBuilder.anExchange(camel)
                .withProperty("HubTurn", turn)
                .withBody(new org.caravanserai.model.Answer("At nine.", List.of(), null, "answered"))
                .build();
    }

    /** A conversation that this hub holds, with one message; due so late that the sweep leaves it alone. */
    private Turn turnInProgress() {
        UUID tenant = newTenant();
        UUID channel = ids.next();
        UUID contact = ids.next();
        UUID conversation = ids.next();
        UUID message = ids.next();
        Turn turn = new Turn(
                tenant,
                conversation,
                channel,
                "whatsapp",
                new Turn.Contact(contact, "Ada", "44770090"),
                1,
                1,
                0,
                TenantSettings.NONE,
                List.of(message),
                false);
        transactions.run(tenant, jdbc -> {
            jdbc.sql("insert into channels (id, tenant_id, type, name) values (?, ?, 'whatsapp', 'Line')")
                    .params(channel, tenant)
                    .update();
            jdbc.sql("insert into contacts (id, tenant_id, channel_id, address) values (?, ?, ?, '+4917')")
                    .params(contact, tenant, channel)
                    .update();
            jdbc.sql("""
                    insert into conversations (id, tenant_id, channel_id, contact_id, due_at, lease_owner, fence)
                      values (?, ?, ?, ?, now() + interval '1 hour', ?, 1)""")
                    .params(conversation, tenant, channel, contact, instance.id())
                    .update();
            receive(jdbc, turn, message, 1);
        });
        return turn;
    }

    /** As a message is stored: first the conversation's row, which is the lock, then the message. */
    private static void receive(JdbcClient jdbc, Turn turn, UUID id, int position) {
        jdbc.sql("update conversations set last_position = ? where id = ?")
                .params(position, turn.conversationId())
                .update();
        jdbc.sql("""
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, external_id) values (?, ?, ?, ?, ?, 'inbound', 'contact', 'text', 'When?', 'received', ?)""")
                .params(id, turn.tenantId(), turn.conversationId(), turn.channelId(), position, id.toString())
                .update();
    }

    private static boolean someoneWaitsForALock(JdbcClient jdbc) {
        return jdbc.sql(
                        "select exists (select 1 from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))")
                .query(Boolean.class)
                .single();
    }

    private boolean due(Turn turn) {
        return transactions.in(
                turn.tenantId(), jdbc -> jdbc.sql("select due_at is not null from conversations where id = ?")
                        .param(turn.conversationId())
                        .query(Boolean.class)
                        .single());
    }
}
