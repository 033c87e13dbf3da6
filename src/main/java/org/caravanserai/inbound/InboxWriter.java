package org.caravanserai.inbound;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Makes accepted events durable. Requests that arrive together share one statement and one commit, which is what lets a
 * disk that flushes a few hundred times a second take thousands of events.
 */
@Component
class InboxWriter implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(InboxWriter.class);
    private static final int BATCH = 256;
    private static final int WRITERS = 2;

    private final TenantTransactions transactions;
    private final InboxReaders readers;
    private final DoorProperties bounds;
    private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(10_000);
    private final List<Thread> writers = new ArrayList<>();
    private volatile boolean running;

    /** One event on its way to the inbox. @param stored completes with whether to wake its reader, after the commit */
    private record Pending(
            Channel channel, String eventKey, String contentType, byte[] body, CompletableFuture<Boolean> stored) {}

    InboxWriter(TenantTransactions transactions, InboxReaders readers, DoorProperties bounds) {
        this.transactions = transactions;
        this.readers = readers;
        this.bounds = bounds;
    }

    /**
     * Stores an event and returns once it is committed.
     *
     * @return whether to wake a reader: not if the same event was stored before, nor if another that was committed
     *     together with this one does, nor if this hub is reading the channel's inbox
     * @throws RetryableException if it cannot be made durable within {@code hub.doors.max-wait}
     */
    boolean append(Channel channel, String eventKey, String contentType, byte[] body) {
        Pending pending = new Pending(channel, eventKey, contentType, body, new CompletableFuture<>());
        long deadline = System.nanoTime() + bounds.maxWait().toNanos();
        try {
            if (!queue.offer(pending, bounds.maxWait().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RetryableException("The event cannot be stored now. Send it again.", null);
            }
            return pending.stored.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException notDurable) {
            throw new RetryableException("The event cannot be stored now. Send it again.", notDurable);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping. Send it again.", stopped);
        }
    }

    private void write() {
        List<Pending> batch = new ArrayList<>(BATCH);
        while (running || !queue.isEmpty()) {
            try {
                Pending first = queue.poll(200, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                batch.add(first);
                queue.drainTo(batch, BATCH - 1);
                store(batch);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                batch.clear();
            }
        }
    }

    private void store(List<Pending> batch) {
        try {
            Set<Long> fresh = transactions.oneAcrossTenants(jdbc -> new HashSet<>(jdbc.sql(
                            "select * from hub_append_inbox(?, ?, ?, ?, ?)")
                    .param(SqlArray.of("uuid", batch, p -> p.channel.tenantId()))
                    .param(SqlArray.of("uuid", batch, p -> p.channel.id()))
                    .param(SqlArray.of("text", batch, Pending::eventKey))
                    .param(SqlArray.of("text", batch, Pending::contentType))
                    .param(SqlArray.ofBytes(batch.stream().map(Pending::body).toList()))
                    .query(Long.class)
                    .list()));
            Set<UUID> woken = new HashSet<>();
            for (int i = 0; i < batch.size(); i++) {
                Pending pending = batch.get(i);
                UUID channel = pending.channel.id();
                pending.stored.complete(fresh.contains(i + 1L) && woken.add(channel) && !readers.askAgain(channel));
            }
        } catch (RuntimeException failed) {
            LOG.warn(
                    "{} events could not be stored; their senders are asked to send them again: {}",
                    batch.size(),
                    failed.getMessage());
            batch.forEach(p -> p.stored.completeExceptionally(failed));
        }
    }

    @Override
    public void start() {
        running = true;
        for (int i = 0; i < WRITERS; i++) {
            writers.add(Thread.ofPlatform().name("inbox-writer-" + i).daemon().start(this::write));
        }
    }

    @Override
    public void stop() {
        running = false;
        try {
            for (Thread writer : writers) {
                writer.join(5_000);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        writers.clear();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Started before the web server (whose phase is near the top) and stopped after it: doors first. */
    @Override
    public int getPhase() {
        return 0;
    }
}
