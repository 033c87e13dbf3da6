package org.caravanserai.conversation;

import java.util.List;
import java.util.UUID;
import org.caravanserai.HubIT;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A conversation that this hub holds, with one message; due so late that the sweep leaves it alone. */
abstract class OnTurn extends HubIT {

    @Autowired
    Instance instance;

    void lease(JdbcClient jdbc, Turn turn, long fence) {
        jdbc.sql("update conversations set lease_owner = ?, fence = ?, due_at = now() + interval '1 hour' where id = ?")
                .params(instance.id(), fence, turn.conversationId())
                .update();
    }

    Turn turnInProgress(long fence) {
        UUID tenant = newTenant();
        UUID channel = newChannel(tenant);
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
                0,
                TenantSettings.NONE,
                List.of(message),
                false);
        transactions.run(tenant, jdbc -> {
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

    /** As a message is stored: first the conversation's row, which is the lock, then the message. */
    static void receive(JdbcClient jdbc, Turn turn, UUID id, int position) {
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

    static boolean someoneWaitsForALock(JdbcClient jdbc) {
        return jdbc.sql(
                        "select exists (select 1 from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))")
                .query(Boolean.class)
                .single();
    }
}
