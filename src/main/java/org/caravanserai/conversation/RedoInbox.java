package org.caravanserai.conversation;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.failure.Redo;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Has an event of the inbox read again, from its original bytes, at its place in the order of arrival. */
@Component
class RedoInbox implements Redo {

    private static final String QUEUE = "conversation-receive";

    private record Row(UUID channelId, String state) {}

    @Override
    public String routeId() {
        return QUEUE;
    }

    @Override
    public Optional<Due> again(JdbcClient jdbc, Letter letter) {
        long seq = Long.parseLong(letter.row());
        Row row = jdbc.sql("select channel_id, state from inbox where seq = ? for update")
                .param(seq)
                .query(Row.class)
                .optional()
                .orElseThrow(Redo::gone);
        if (List.of("done", "ignored").contains(row.state)) {
            return Optional.empty();
        }
        jdbc.sql("""
                update inbox set state = 'received', reason = null, attempts = 0, deaths = 0, due_at = clock_timestamp(),
                  next_wake_at = now() + interval '10 seconds' where seq = ?""").param(seq).update();
        return Optional.of(new Due(QUEUE, row.channelId));
    }
}
