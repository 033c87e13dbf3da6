package org.caravanserai.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.caravanserai.failure.DatabaseFailures;
import org.caravanserai.failure.DeadLetters;
import org.caravanserai.failure.IgnoredException;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.InboundEvent.StatusChanged;
import org.caravanserai.inbound.InboxReaders;
import org.caravanserai.inbound.Normaliser;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Tenants;
import org.caravanserai.tenant.Writes;
import org.caravanserai.timeline.LogContext;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads a channel's inbox in the order of arrival and stores what it says. Serial per channel: within a hub by
 * {@link InboxReaders}, between hubs by an advisory lock that lives as long as the transaction. Rows are found by their
 * state and never by a high-water mark, so that one that commits late is not passed over.
 */
@Component("receiveInbox")
public class ReceiveInbox {

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveInbox.class);
    /** Statuses lock their messages until the batch is committed, so it must not be long. */
    private static final int BATCH = 20;

    private static final int LOOKS_MAX = 10;
    private static final int ATTEMPTS_MAX = 5;
    private static final String ROUTE = "conversation-receive";

    private final TenantTransactions transactions;
    private final Channels channels;
    private final Tenants tenants;
    private final StoreInbound storeInbound;
    private final StoreStatus storeStatus;
    private final DeadLetters deadLetters;
    private final Timeline timeline;
    private final Events events;
    private final WakeLater wakeLater;
    private final Map<String, Normaliser> normalisers;
    private final InboxReaders readers;

    private record Row(long seq, byte[] body, Instant receivedAt, int attempts) {}

    /** What an inbox row says. @param unreadable why it says nothing; else null */
    private record Said(Row row, List<InboundEvent> events, RuntimeException unreadable) {}

    /** What became of an inbox row. */
    private record End(long seq, String state, String reason) {}

    ReceiveInbox(
            TenantTransactions transactions,
            Channels channels,
            Tenants tenants,
            StoreInbound storeInbound,
            StoreStatus storeStatus,
            DeadLetters deadLetters,
            Timeline timeline,
            Events events,
            WakeLater wakeLater,
            InboxReaders readers,
            List<Normaliser> normalisers) {
        this.transactions = transactions;
        this.channels = channels;
        this.tenants = tenants;
        this.storeInbound = storeInbound;
        this.storeStatus = storeStatus;
        this.deadLetters = deadLetters;
        this.timeline = timeline;
        this.events = events;
        this.wakeLater = wakeLater;
        this.readers = readers;
        this.normalisers = normalisers.stream().collect(Collectors.toMap(Normaliser::channelType, Function.identity()));
    }

    /**
     * Reads what the channel's inbox holds; of a long one a part, after which other channels have their turn.
     *
     * @param wakeUp the text of a {@link WakeUp} that names a channel
     * @return the wake-ups to publish now
     */
    public WakeUps receive(String wakeUp, Exchange exchange) {
        WakeUp channel = WakeUp.parse(wakeUp);
        LogContext.put(exchange, channel.tenantId(), null, null, null);
        WakeUps stored = WakeUps.nothing();
        if (readers.begin(channel.id())) {
            try {
                read(channel, stored);
            } catch (RuntimeException | Error failed) {
                readers.leave(channel.id());
                throw failed;
            }
        }
        return stored;
    }

    private void read(WakeUp channel, WakeUps stored) {
        int asked = 0;
        int read = BATCH;
        for (int looks = 0; read == BATCH || !readers.end(channel.id(), asked); looks++) {
            if (looks == LOOKS_MAX) {
                // others' turn; what was stored so far is woken now, and not held while more keeps coming
                readers.leave(channel.id());
                wakeLater.at("conversation-unread", channel, Instant.now());
                return;
            }
            asked = readers.asked(channel.id());
            read = readBatch(channel, BATCH, stored);
        }
    }

    private int readBatch(WakeUp wakeUp, int size, WakeUps stored) {
        Channel channel = channels.find(wakeUp.id())
                .filter(c -> c.tenantId().equals(wakeUp.tenantId()))
                .orElseThrow(() -> new IgnoredException("Its channel is not there."));
        TenantSettings settings = tenants.settings(channel.tenantId());
        try {
            Changes changes = new Changes();
            int read = transactions.alone(channel.tenantId(), channel.id(), jdbc -> {
                List<Row> rows = next(jdbc, channel.id(), size);
                List<Said> said =
                        rows.stream().map(row -> normalise(channel, row)).toList();
                Map<StatusChanged, MessageView> known =
                        storeStatus.report(jdbc, channel, all(said, StatusChanged.class));
                Writes writes = new Writes();
                finish(
                        writes,
                        said.stream()
                                .map(one -> apply(jdbc, channel, settings, one, known, changes))
                                .toList());
                changes.write(writes, jdbc, channel.tenantId(), timeline, events);
                return rows.size();
            });
            WakeUps fresh = changes.wakeUps();
            fresh.laterAnswers().forEach((row, due) -> wakeLater.at("conversation-due", row, due));
            stored.add(fresh);
            return read;
        } catch (RuntimeException failed) {
            if (failed instanceof RetryableException || DatabaseFailures.isAway(failed)) {
                // no row's fault: one that stepped aside for it would be overtaken by those behind it
                throw failed;
            }
            if (size > 1) {
                // One row spoils the batch: take them one by one, so that it spoils only itself.
                int read = 0;
                while (read < size && readBatch(wakeUp, 1, stored) == 1) {
                    read++;
                }
                return read;
            }
            postpone(channel, failed);
            return 1;
        }
    }

    private static List<Row> next(JdbcClient jdbc, UUID channelId, int size) {
        return jdbc.sql("""
                select seq, body, received_at, attempts from inbox
                  where channel_id = ? and state = 'received' and due_at <= clock_timestamp() order by seq limit ?""")
                .params(channelId, size)
                .query((row, n) -> new Row(
                        row.getLong(1), row.getBytes(2), row.getTimestamp(3).toInstant(), row.getInt(4)))
                .list();
    }

    private Said normalise(Channel channel, Row row) {
        try {
            return new Said(row, normalisers.get(channel.type()).normalise(channel, row.body()), null);
        } catch (PermanentException | RejectedException unreadable) {
            return new Said(row, List.of(), unreadable);
        }
    }

    private static <T extends InboundEvent> List<T> all(List<Said> said, Class<T> type) {
        return said.stream()
                .flatMap(one -> one.events.stream())
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private End apply(
            JdbcClient jdbc,
            Channel channel,
            TenantSettings settings,
            Said said,
            Map<StatusChanged, MessageView> known,
            Changes changes) {
        Row row = said.row;
        if (said.unreadable != null) {
            deadLetters.add(jdbc, work(channel, row), said.unreadable);
            return new End(row.seq(), "dead", said.unreadable.getMessage());
        }
        List<String> ignored = new ArrayList<>();
        for (InboundEvent event : said.events) {
            switch (event) {
                case InboundEvent.Received received ->
                    storeInbound.store(jdbc, channel, settings, received, row.receivedAt(), changes);
                case StatusChanged status
                when known.containsKey(status) -> storeStatus.store(known.get(status), status, changes);
                case StatusChanged kept -> {
                    // no news, or of a message whose send is not recorded yet
                }
                case InboundEvent.Ignored nothing -> ignored.add(nothing.reason());
            }
        }
        boolean nothingUsed = ignored.size() == said.events.size();
        String reasons = ignored.isEmpty() ? null : String.join("; ", ignored.subList(0, Math.min(10, ignored.size())));
        return new End(row.seq(), nothingUsed ? "ignored" : "done", reasons);
    }

    private static DeadLetters.Work work(Channel channel, Row row) {
        return new DeadLetters.Work(
                channel.tenantId(), ROUTE, "inbox/" + row.seq(), List.of(), row.attempts() + 1, row.body());
    }

    private static void finish(Writes writes, List<End> ends) {
        if (ends.isEmpty()) {
            return;
        }
        writes.add(
                "read",
                """
                update inbox i set state = e.state, reason = e.reason, next_wake_at = null
                  from unnest(:readSeqs, :readStates, :readReasons) as e (seq, state, reason) where i.seq = e.seq""",
                Map.of(
                        "readSeqs",
                                SqlArray.of(
                                        "bigint", ends.stream().map(End::seq).toList()),
                        "readStates",
                                SqlArray.of(
                                        "text", ends.stream().map(End::state).toList()),
                        "readReasons",
                                SqlArray.of(
                                        "text", ends.stream().map(End::reason).toList())));
    }

    private void postpone(Channel channel, RuntimeException failed) {
        LOG.warn("An event of channel {} could not be stored", channel.id(), failed);
        transactions.alone(channel.tenantId(), channel.id(), jdbc -> {
            Writes writes = new Writes();
            next(jdbc, channel.id(), 1).forEach(row -> {
                if (row.attempts() + 1 >= ATTEMPTS_MAX) {
                    deadLetters.add(jdbc, work(channel, row), failed);
                    finish(writes, List.of(new End(row.seq(), "dead", "failed " + ATTEMPTS_MAX + " times")));
                } else {
                    jdbc.sql("""
                        update inbox set attempts = attempts + 1, due_at = now() + interval '1 second' * power(4, attempts),
                          next_wake_at = now() + interval '1 second' * power(4, attempts) where seq = ?""").param(row.seq()).update();
                }
            });
            writes.run(jdbc);
            return null;
        });
    }
}
