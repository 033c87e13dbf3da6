package org.caravanserai.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.caravanserai.conversation.InboxReadings.Row;
import org.caravanserai.failure.DatabaseFailures;
import org.caravanserai.failure.DeadLetters;
import org.caravanserai.failure.GivenUp;
import org.caravanserai.failure.IgnoredException;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.InboundEvent.StatusChanged;
import org.caravanserai.inbound.InboxReaders;
import org.caravanserai.inbound.Normaliser;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Suspects;
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
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
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
    private static final int NEEDS_CARE = -1;
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
    private final InboxReadings readings;
    private final InFlight inFlight;
    private final Suspects suspects;
    private final GivenUp givenUp;
    private final int attemptsMax;

    /** One who reads a channel's inbox. */
    private static final class Reader {

        private final WakeUp wakeUp;
        private boolean isCareful;
        private boolean isOver;

        Reader(WakeUp wakeUp) {
            this.wakeUp = wakeUp;
        }
    }

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
            InboxReadings readings,
            InFlight inFlight,
            Suspects suspects,
            GivenUp givenUp,
            WorkProperties work,
            List<Normaliser> normalisers) {
        this.readings = readings;
        this.inFlight = inFlight;
        this.suspects = suspects;
        this.givenUp = givenUp;
        this.attemptsMax = work.maxAttempts();
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
        Reader reader = new Reader(channel);
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
            read = readBatch(reader, BATCH, stored);
            if (reader.isOver) {
                return;
            }
        }
    }

    private int readBatch(Reader reader, int size, WakeUps stored) {
        Channel channel = channels.find(reader.wakeUp.id())
                .filter(c -> c.tenantId().equals(reader.wakeUp.tenantId()))
                .orElseThrow(() -> new IgnoredException("Its channel is not there."));
        try {
            int read =
                    reader.isCareful ? readWithCare(reader, channel, size, stored) : readAtOnce(channel, size, stored);
            if (read != NEEDS_CARE) {
                return read;
            }
            reader.isCareful = true;
            return readWithCare(reader, channel, size, stored);
        } catch (RuntimeException | Error failed) {
            if (failed instanceof RetryableException || DatabaseFailures.isAway(failed)) {
                // no row's fault: one that stepped aside for it would be overtaken by those behind it
                throw failed;
            }
            if (size > 1) {
                // One row spoils the batch: take them one by one, so that it spoils only itself.
                int read = 0;
                while (read < size && !reader.isOver && readBatch(reader, 1, stored) == 1) {
                    read++;
                }
                return read;
            }
            postpone(channel, failed);
            return 1;
        }
    }

    /** As nearly always: what has just come. */
    private int readAtOnce(Channel channel, int size, WakeUps stored) {
        try (InFlight.Held held = hold(channel, channel.id())) {
            Changes changes = new Changes();
            int read = transactions.alone(channel.tenantId(), channel.id(), jdbc -> {
                List<Row> rows = InboxReadings.oldest(jdbc, channel.id(), size);
                if (rows.stream().anyMatch(Row::needsCare)) {
                    return NEEDS_CARE;
                }
                store(jdbc, channel, normalised(channel, rows), changes, new Writes());
                return rows.size();
            });
            wake(changes, stored);
            return read;
        }
    }

    /** What was not read at once: what is read is committed first, and nothing is held while it is taken apart. */
    private int readWithCare(Reader reader, Channel channel, int size, WakeUps stored) {
        InboxReadings.Next next = transactions.alone(channel.tenantId(), channel.id(), jdbc -> {
            InboxReadings.Next claimed = readings.claim(jdbc, channel, size);
            Writes writes = new Writes();
            finish(
                    writes,
                    claimed.givenUp().stream()
                            .map(row -> giveUp(jdbc, channel, row))
                            .toList());
            writes.run(jdbc);
            return claimed;
        });
        List<Row> rows = next.rows();
        if (rows.isEmpty()) {
            return 0;
        }
        int deaths = rows.getFirst().deaths();
        try (InFlight.Held held = hold(channel, InboxReadings.key(channel, rows))) {
            if (deaths > 0 && !suspects.enter(held, deaths + 1)) {
                endReading(channel);
                readers.leave(channel.id());
                reader.isOver = true;
                wakeLater.at("conversation-unread", reader.wakeUp, Instant.now().plusSeconds(1));
                return 0;
            }
            List<Said> said = normalised(channel, rows);
            Changes changes = new Changes();
            transactions.alone(channel.tenantId(), channel.id(), jdbc -> {
                List<Row> unread = InboxReadings.unread(jdbc, channel, rows);
                Writes writes = new Writes();
                InboxReadings.end(writes, channel);
                store(
                        jdbc,
                        channel,
                        said.stream().filter(one -> unread.contains(one.row)).toList(),
                        changes,
                        writes);
                return null;
            });
            reader.isOver = held.wasOverdue(); // then another reads here by now
            wake(changes, stored);
        }
        return size; // there may be more behind them
    }

    private InFlight.Held hold(Channel channel, UUID key) {
        InFlight.Held held = inFlight.hold(WorkKind.INBOX, key)
                .orElseThrow(() -> new RetryableException("The inbox is being read.", null));
        held.whenOverdue(() -> readers.leave(channel.id()));
        return held;
    }

    private void endReading(Channel channel) {
        transactions.run(channel.tenantId(), jdbc -> {
            Writes writes = new Writes();
            InboxReadings.end(writes, channel);
            writes.run(jdbc);
        });
    }

    private void store(JdbcClient jdbc, Channel channel, List<Said> said, Changes changes, Writes writes) {
        TenantSettings settings = tenants.settings(channel.tenantId());
        Map<StatusChanged, MessageView> known = storeStatus.report(jdbc, channel, all(said, StatusChanged.class));
        finish(
                writes,
                said.stream()
                        .map(one -> apply(jdbc, channel, settings, one, known, changes))
                        .toList());
        changes.write(writes, jdbc, channel.tenantId(), timeline, events);
    }

    private void wake(Changes changes, WakeUps stored) {
        WakeUps fresh = changes.wakeUps();
        fresh.laterAnswers().forEach((row, due) -> wakeLater.at("conversation-due", row, due));
        stored.add(fresh);
    }

    private End giveUp(JdbcClient jdbc, Channel channel, Row row) {
        givenUp.keep(jdbc, WorkKind.INBOX, work(channel, row, row.deaths() + 1));
        return new End(row.seq(), "dead", GivenUp.cause(row.deaths() + 1).getMessage());
    }

    private List<Said> normalised(Channel channel, List<Row> rows) {
        return rows.stream().map(row -> normalise(channel, row)).toList();
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
            deadLetters.add(jdbc, work(channel, row, row.attempts() + 1), said.unreadable);
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

    private static DeadLetters.Work work(Channel channel, Row row, int attempts) {
        return new DeadLetters.Work(channel.tenantId(), ROUTE, "inbox/" + row.seq(), List.of(), attempts, row.body());
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

    private void postpone(Channel channel, Throwable failed) {
        LOG.warn("An event of channel {} could not be stored", channel.id(), failed);
        transactions.alone(channel.tenantId(), channel.id(), jdbc -> {
            Writes writes = new Writes();
            InboxReadings.end(writes, channel);
            InboxReadings.oldest(jdbc, channel.id(), 1).forEach(row -> {
                if (row.attempts() + 1 >= attemptsMax) {
                    deadLetters.add(jdbc, work(channel, row, row.attempts() + 1), failed);
                    finish(writes, List.of(new End(row.seq(), "dead", "failed " + attemptsMax + " times")));
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
