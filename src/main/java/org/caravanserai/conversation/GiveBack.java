package org.caravanserai.conversation;

import java.util.UUID;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Gives a conversation back to the model. */
public final class GiveBack {

    private GiveBack() {}

    /** Makes a locked conversation active. What nobody has answered yet is due at once, and added to what is to be woken. */
    public static void giveBack(JdbcClient jdbc, UUID tenantId, UUID id, WakeUps left) {
        boolean isDue = jdbc.sql("""
                        with waiting as (select exists (select 1 from messages
                            where conversation_id = :id and direction = 'inbound' and answered_by is null) as any)
                        update conversations set status = 'active', hand_over_ends_at = null, attempts = 0, deaths = 0, superseded = 0,
                            due_at = case when waiting.any then now() end,
                            next_wake_at = case when waiting.any then now() + interval '10 seconds' end
                          from waiting where id = :id returning due_at is not null""").param("id", id).query(Boolean.class).single();
        if (isDue) {
            left.answers().add(new WakeUp(tenantId, id).toString());
        }
    }
}
