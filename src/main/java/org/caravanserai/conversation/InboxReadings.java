package org.caravanserai.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Writes;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What of a channel's inbox is read next, committed before it is read, so that an event which kills its reader is found: after a
 * reading without an end each of its events is read alone, in their order.
 */
@Component
class InboxReadings {

    private final Instance instance;
    private final InFlight inFlight;
    private final WorkProperties work;

    /**
     * An event.
     *
     * @param attempts to read it that failed
     * @param deaths readings of it that had no end
     * @param isOld whether it should have been read by now
     */
    record Row(long seq, byte[] body, Instant receivedAt, int attempts, int deaths, boolean isOld) {

        /** Whether a reading of it may have had no end. */
        boolean needsCare() {
            return isOld || deaths > 0;
        }
    }

    /** What is read next. @param givenUp what is not read again, and is to be ended in the same transaction */
    record Next(List<Row> rows, List<Row> givenUp) {}

    /** A reading that was begun before. */
    private record Left(long lastSeq, boolean isAnothers, int unended) {}

    InboxReadings(Instance instance, InFlight inFlight, WorkProperties work) {
        this.instance = instance;
        this.inFlight = inFlight;
        this.work = work;
    }

    /** The oldest events that are due. */
    static List<Row> oldest(JdbcClient jdbc, UUID channelId, int size) {
        return jdbc.sql("""
                select seq, body, received_at, attempts, deaths, received_at < clock_timestamp() - interval '2 seconds'
                  from inbox where channel_id = ? and state = 'received' and due_at <= clock_timestamp()
                  order by seq limit ?""")
                .params(channelId, size)
                .query((row, n) -> new Row(
                        row.getLong(1),
                        row.getBytes(2),
                        row.getTimestamp(3).toInstant(),
                        row.getInt(4),
                        row.getInt(5),
                        row.getBoolean(6)))
                .list();
    }

    /** Those of these events that nobody has read meanwhile. */
    static List<Row> unread(JdbcClient jdbc, Channel channel, List<Row> rows) {
        List<Long> unread = jdbc.sql("select seq from inbox where channel_id = :channel and state = 'received'"
                        + " and seq between :first and :last")
                .param("channel", channel.id())
                .param("first", rows.getFirst().seq)
                .param("last", rows.getLast().seq)
                .query(Long.class)
                .list();
        return rows.stream().filter(row -> unread.contains(row.seq)).toList();
    }

    /** Under what {@link InFlight} knows a reading. */
    static UUID key(Channel channel, List<Row> rows) {
        return rows.size() == 1 ? key(rows.getFirst().seq) : channel.id();
    }

    private static UUID key(long seq) {
        return new UUID(0, seq);
    }

    /** Chooses what is read next. To be committed before it is. */
    Next claim(JdbcClient jdbc, Channel channel, int size) {
        Left left = left(jdbc, channel);
        if (left != null && left.isAnothers) {
            return new Next(List.of(), List.of());
        }
        if (left != null && left.unended > 0) {
            jdbc.sql("update inbox set deaths = deaths + 1 where channel_id = ? and state = 'received' and seq <= ?"
                            + " and due_at <= clock_timestamp()")
                    .params(channel.id(), left.lastSeq)
                    .update();
        }
        List<Row> rows = new ArrayList<>(oldest(jdbc, channel.id(), size));
        List<Row> givenUp = new ArrayList<>();
        while (!rows.isEmpty() && isGivenUp(rows.getFirst())) {
            inFlight.forget(key(rows.getFirst().seq));
            givenUp.add(rows.removeFirst());
        }
        if (rows.isEmpty()) {
            end(jdbc, channel);
            return new Next(rows, givenUp);
        }
        List<Row> next = rows.getFirst().deaths > 0
                ? rows.subList(0, 1)
                : rows.stream().takeWhile(row -> row.deaths == 0).toList();
        boolean isStuck = next.size() == 1 && inFlight.isStuck(key(channel, next));
        begin(jdbc, channel, next.getLast().seq, isStuck);
        return new Next(isStuck ? List.of() : List.copyOf(next), givenUp);
    }

    /**
     * The first reading is not counted: where all goes well it is not committed before. The second may have been one of many
     * events, of which this one was not the guilty one.
     */
    private boolean isGivenUp(Row row) {
        return row.deaths >= Math.max(2, work.maxAttempts() - 1);
    }

    /** Another hub that lives has only just begun, or a thread of this hub has not let go of it, which counts later. */
    private Left left(JdbcClient jdbc, Channel channel) {
        return jdbc.sql("select last_seq from inbox_readings where channel_id = ? and lease_owner is not null")
                .param(channel.id())
                .query(Long.class)
                .optional()
                .map(last -> {
                    boolean isStuck = inFlight.isStuck(channel.id()) || inFlight.isStuck(key(last));
                    boolean isUnended = inFlight.isUnended(channel.id()) | inFlight.isUnended(key(last));
                    return jdbc.sql("""
                            select last_seq as lastSeq, hub_unended(lease_owner, :me, :unended) as unended,
                                case when lease_owner = :me then :stuck and leased_until > now()
                                  else hub_alive(lease_owner) and leased_until > now() + interval '1 second' * (:seconds - 5)
                                  end as isAnothers
                              from inbox_readings where channel_id = :channel""")
                            .param("me", instance.id())
                            .param("channel", channel.id())
                            .param("stuck", isStuck)
                            .param("unended", isUnended)
                            .param("seconds", work.leaseSeconds(WorkKind.INBOX, false))
                            .query(Left.class)
                            .single();
                })
                .orElse(null);
    }

    private void begin(JdbcClient jdbc, Channel channel, long lastSeq, boolean isStuck) {
        jdbc.sql("""
                insert into inbox_readings (channel_id, tenant_id, last_seq, lease_owner, leased_until)
                  values (:channel, :tenant, :last, :me, now() + interval '1 second' * :seconds)
                  on conflict (channel_id) do update set last_seq = excluded.last_seq,
                    lease_owner = excluded.lease_owner, leased_until = excluded.leased_until""")
                .param("channel", channel.id())
                .param("tenant", channel.tenantId())
                .param("last", lastSeq)
                .param("me", instance.id())
                .param("seconds", work.leaseSeconds(WorkKind.INBOX, isStuck))
                .update();
    }

    private static void end(JdbcClient jdbc, Channel channel) {
        Writes writes = new Writes();
        end(writes, channel);
        writes.run(jdbc);
    }

    /** The reading ended, well or not. */
    static void end(Writes writes, Channel channel) {
        writes.add(
                "reading",
                "update inbox_readings set lease_owner = null where channel_id = :readingOf",
                Map.of("readingOf", channel.id()));
    }
}
