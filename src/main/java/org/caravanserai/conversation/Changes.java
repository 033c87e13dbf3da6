package org.caravanserai.conversation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.Writes;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The hops, events and moves of one transaction, written together at its end, however many messages it is about; and what is
 * to be woken after its commit.
 */
final class Changes {

    private static final String MOVE = """
            update messages m set status = moved.status, external_id = moved.external_id, error = moved.error, due_at = null,
                next_wake_at = null, lease_owner = null
              from unnest(:moved, :movedStatuses, :movedExternals, :movedErrors) as moved (id, status, external_id, error)
              where m.id = moved.id""";

    private static final String NEXT = """
            select next.id from unnest(:leftFrom) as left_from (id), lateral (
              select id from messages where conversation_id = left_from.id and due_at is not null and id <> all (:moved)
                order by position limit 1) next""";

    private final List<Timeline.Entry> hops = new ArrayList<>();
    private final List<Events.Draft> events = new ArrayList<>();
    private final SequencedMap<UUID, Move> moves = new LinkedHashMap<>();
    private final WakeUps wakeUps = WakeUps.nothing();

    private record Move(MessageView message, String error, boolean wasUnsent) {}

    void hop(UUID messageId, Hop hop) {
        hops.add(new Timeline.Entry(messageId, hop));
    }

    /** @param data the API's representation of the thing itself */
    void event(String type, UUID messageId, Object data) {
        events.add(new Events.Draft(type, messageId, data));
    }

    /**
     * An outbound message is no longer to be sent.
     *
     * @param message as it is from now on
     * @param wasUnsent whether the conversation's next message waited for it
     */
    void move(MessageView message, String error, boolean wasUnsent) {
        moves.merge(
                message.id(),
                new Move(message, error, wasUnsent),
                (before, now) -> new Move(now.message, now.error, before.wasUnsent || now.wasUnsent));
    }

    /** A message as it is by now, if it was moved. */
    Optional<MessageView> moved(UUID id) {
        return Optional.ofNullable(moves.get(id)).map(Move::message);
    }

    WakeUps wakeUps() {
        return wakeUps;
    }

    /** Writes what was collected. Gives back what is to be woken after the commit. */
    WakeUps write(JdbcClient jdbc, UUID tenantId, Timeline timeline, Events all) {
        return write(new Writes(), jdbc, tenantId, timeline, all);
    }

    /** As {@link #write(JdbcClient, UUID, Timeline, Events)}, together with other writes. */
    WakeUps write(Writes writes, JdbcClient jdbc, UUID tenantId, Timeline timeline, Events all) {
        timeline.add(writes, tenantId, hops);
        List<UUID> fresh = all.add(writes, tenantId, events);
        writeMoves(writes, jdbc, tenantId);
        fresh.stream()
                .limit(1) // one wake-up has all events of the tenant fanned out
                .forEach(event -> wakeUps.events().add(new WakeUp(tenantId, event).toString()));
        return wakeUps;
    }

    /** With the writes before. The next messages of those conversations whose last one waited no longer are woken. */
    private void writeMoves(Writes writes, JdbcClient jdbc, UUID tenantId) {
        if (!moves.isEmpty()) {
            writes.add(
                    "moved",
                    MOVE,
                    Map.of(
                            "moved", SqlArray.of("uuid", moves.values(), move -> move.message.id()),
                            "movedStatuses", SqlArray.of("text", moves.values(), move -> move.message.status()),
                            "movedExternals", SqlArray.of("text", moves.values(), move -> move.message.externalId()),
                            "movedErrors", SqlArray.of("text", moves.values(), Move::error)));
        }
        List<UUID> leftFrom = moves.values().stream()
                .filter(Move::wasUnsent)
                .map(move -> move.message.conversationId())
                .distinct()
                .toList();
        if (leftFrom.isEmpty()) {
            writes.run(jdbc);
        } else {
            writes.query(jdbc, NEXT, Map.of("leftFrom", SqlArray.of("uuid", leftFrom)), UUID.class)
                    .forEach(next -> wakeUps.sends().add(new WakeUp(tenantId, next).toString()));
        }
    }
}
