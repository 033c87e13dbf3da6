package org.caravanserai.outbound;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.failure.Redo;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Has a message sent that its provider refused: the same message, under the same id. */
@Component
class RedoSend implements Redo {

    private static final String QUEUE = "outbound-dispatch";

    private final Timeline timeline;

    private record Row(String status, String externalId) {}

    RedoSend(Timeline timeline) {
        this.timeline = timeline;
    }

    @Override
    public String routeId() {
        return QUEUE;
    }

    @Override
    public Optional<Due> again(JdbcClient jdbc, Letter letter) {
        UUID id = UUID.fromString(letter.row());
        Row row = jdbc.sql("select status, external_id from messages where id = ? for update")
                .param(id)
                .query(Row.class)
                .optional()
                .orElseThrow(Redo::gone);
        boolean wasTaken = row.externalId != null || !row.status.equals("failed");
        if (wasTaken) {
            return Optional.empty(); // its provider reported on it after we had given it up
        }
        jdbc.sql("""
                update messages set status = 'pending', error = null, attempts = 0, deaths = 0, lease_owner = null, due_at = now(),
                  next_wake_at = now() + interval '10 seconds' where id = ?""").param(id).update();
        timeline.record(
                jdbc, letter.tenantId(), id, List.of(Hop.now("sent", "replayed", Map.of("deadLetterId", letter.id()))));
        return Optional.of(new Due(QUEUE, id));
    }
}
