package org.caravanserai.conversation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.failure.Redo;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Has messages answered that got the fallback reply only: the contact gets the answer after it. */
@Component
class RedoTurn implements Redo {

    private static final String QUEUE = "conversation-answer";

    private final Timeline timeline;

    RedoTurn(Timeline timeline) {
        this.timeline = timeline;
    }

    @Override
    public String routeId() {
        return QUEUE;
    }

    /** Where a person has the conversation, nothing becomes due: people win. */
    @Override
    public Optional<Due> again(JdbcClient jdbc, Letter letter) {
        UUID conversation = UUID.fromString(letter.row());
        String status = jdbc.sql("select status from conversations where id = ? for update")
                .param(conversation)
                .query(String.class)
                .optional()
                .orElseThrow(Redo::gone);
        if (!status.equals("active")) {
            throw new RejectedException(
                    409, "The conversation is " + status + ". PUT it to active first, then replay the letter.");
        }
        int unanswered = jdbc.sql("update messages set answered_by = null where id = any (?) and conversation_id = ?")
                .param(SqlArray.of("uuid", letter.messages()))
                .param(conversation)
                .update();
        if (unanswered == 0) {
            throw Redo.gone();
        }
        jdbc.sql("""
                update conversations set due_at = now(), next_wake_at = now() + interval '10 seconds', attempts = 0, deaths = 0,
                  superseded = 0, first_unanswered_at = coalesce(first_unanswered_at, now()) where id = ?""").param(conversation).update();
        timeline.record(
                jdbc,
                letter.tenantId(),
                letter.messages().getFirst(),
                List.of(Hop.now("stored", "replayed", Map.of("deadLetterId", letter.id()))));
        return Optional.of(new Due(QUEUE, conversation));
    }
}
