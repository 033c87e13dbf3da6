package org.caravanserai.maintenance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.caravanserai.failure.DatabaseFailures;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * The rows that this hub is really working on. A row may carry our lease although nobody works on it any more: the
 * database was away when the lease was to be given back. Such a row is not in here, and may be taken again at once.
 *
 * <p>Work that takes longer than its kind may is interrupted, and what it kept from others is given back. While its thread does
 * not let go of it all the same, the row is stuck: this hub does not begin it again, and counts each claim as without an end.
 */
@Component
@EnableConfigurationProperties(WorkProperties.class)
public class InFlight {

    private static final String ROW = "HubRowInFlight";

    private final WorkProperties work;
    private final Map<UUID, Held> rows = new ConcurrentHashMap<>();
    private final Map<UUID, Held> stuck = new ConcurrentHashMap<>();
    private final Set<Held> late = ConcurrentHashMap.newKeySet();
    private final Set<UUID> blamed = ConcurrentHashMap.newKeySet();

    /** The row that an exchange is about now; null once it is done with it. */
    private record Current(AtomicReference<Held> row) {}

    InFlight(WorkProperties work) {
        this.work = work;
    }

    /** A row that is worked on, by the thread that entered it. */
    public final class Held implements AutoCloseable {

        private final WorkKind kind;
        private final UUID row;
        private final Thread thread = Thread.currentThread();
        private final List<Runnable> whenOverdue = new ArrayList<>();
        private final List<Runnable> whenOver = new ArrayList<>();
        private volatile long begun = System.nanoTime();
        private boolean isOverdue;
        private boolean isLeft;

        private Held(WorkKind kind, UUID row) {
            this.kind = kind;
            this.row = row;
        }

        WorkKind kind() {
            return kind;
        }

        UUID row() {
            return row;
        }

        Thread thread() {
            return thread;
        }

        /** A step was done: the time that the work may take begins anew. */
        public void touch() {
            begun = System.nanoTime();
        }

        /** What is given back to others when the time is up, once, though the work may go on. */
        public synchronized void whenOverdue(Runnable giveBack) {
            whenOverdue.add(giveBack);
        }

        /** What is done when the work has ended or its time is up, whichever is first. */
        synchronized void whenOver(Runnable then) {
            whenOver.add(then);
        }

        /** Whether the time was up; then the thread is no longer interrupted, so that it can record how the work ended. */
        public synchronized boolean wasOverdue() {
            if (isOverdue && Thread.currentThread() == thread) {
                Thread.interrupted();
            }
            return isOverdue;
        }

        private boolean isLate(long now) {
            return now - begun > work.timeout(kind).toNanos();
        }

        /** @return false if the work ended in this very moment */
        private boolean expire() {
            List<Runnable> then;
            synchronized (this) {
                if (isLeft || isOverdue) {
                    return false;
                }
                isOverdue = true;
                stuck.put(row, this); // before it can be entered again
                late.add(this);
                rows.remove(row, this);
                thread.interrupt();
                then = new ArrayList<>(whenOver);
                whenOver.clear();
                then.addAll(whenOverdue);
                whenOverdue.clear();
            }
            then.forEach(Runnable::run);
            return true;
        }

        /** The work has ended. */
        @Override
        public void close() {
            List<Runnable> then;
            synchronized (this) {
                if (isLeft) {
                    return;
                }
                isLeft = true;
                rows.remove(row, this);
                stuck.remove(row, this);
                late.remove(this);
                wasOverdue();
                then = List.copyOf(whenOver);
            }
            then.forEach(Runnable::run);
        }

        private synchronized List<Runnable> givesBack() {
            return List.copyOf(whenOverdue);
        }
    }

    /** Holds a row until it is closed; empty if this hub works on it already. */
    public Optional<Held> hold(WorkKind kind, UUID row) {
        Held held = new Held(kind, row);
        return rows.putIfAbsent(row, held) == null ? Optional.of(held) : Optional.empty();
    }

    /**
     * Enters a row until the exchange is done, whichever way.
     *
     * @return false if this hub works on it already
     */
    public boolean enter(Exchange exchange, WorkKind kind, UUID row) {
        Held held = hold(kind, row).orElse(null);
        if (held == null) {
            return false;
        }
        Current current = new Current(new AtomicReference<>(held));
        exchange.setProperty(ROW, current);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                Held last = current.row.get();
                if (last != null && done.getException() != null) {
                    blame(last, done.getException());
                }
                leave(current);
            }
        });
        return true;
    }

    /** How the work ended could not be recorded; unless the database was away, that is the work's own fault. */
    public void blame(Held held, Throwable failure) {
        boolean isAway = DatabaseFailures.isAway(failure) || failure instanceof RetryableException;
        if (held.wasOverdue() || !isAway) {
            blamed.add(held.row);
        }
    }

    /** What the exchange works on; empty if it has left it. */
    public Optional<Held> held(Exchange exchange) {
        return exchange.getProperty(ROW) instanceof Current current
                ? Optional.ofNullable(current.row.get())
                : Optional.empty();
    }

    /**
     * The exchange is done with its row, before its own end: from now on another may enter it. For a row that is given back in
     * a transaction, call it inside, so that nobody finds the row free in the database and taken here.
     */
    public void leave(Exchange exchange) {
        if (exchange.getProperty(ROW) instanceof Current current) {
            leave(current);
        }
    }

    private static void leave(Current current) {
        Held held = current.row.getAndSet(null);
        if (held != null) {
            held.close();
        }
    }

    /**
     * The exchange is done with the row that it entered, or has left it already, and goes on with another.
     *
     * @return false if this hub works on that one already; the exchange then holds what it held
     */
    public boolean goOn(Exchange exchange, WorkKind kind, UUID row) {
        Held next = hold(kind, row).orElse(null);
        if (next == null) {
            return false;
        }
        Held before = exchange.getProperty(ROW, Current.class).row.getAndSet(next);
        if (before != null) {
            before.givesBack().forEach(next::whenOverdue);
            before.close();
        }
        return true;
    }

    /** The rows of a kind that this hub works on, or has not let go of. */
    public List<UUID> rows(WorkKind kind) {
        return Stream.concat(rows.values().stream(), stuck.values().stream())
                .filter(held -> held.kind == kind)
                .map(Held::row)
                .toList();
    }

    /** Whether a thread of this hub has not let go of the row though its time was up. */
    public boolean isStuck(UUID row) {
        return stuck.containsKey(row);
    }

    /** Whether a lease of our own that nobody here has is one without an end, by the fault of the work; told once. */
    public boolean isUnended(UUID row) {
        return blamed.remove(row) || isStuck(row);
    }

    /** The row was given up: its thread, if it still has one, is not waited for. */
    public void forget(UUID row) {
        stuck.remove(row);
        blamed.remove(row);
    }

    /** Ends what took too long, as far as it can be ended. Gives back what that was. */
    List<Held> expire() {
        long now = System.nanoTime();
        return rows.values().stream()
                .filter(held -> held.isLate(now))
                .filter(Held::expire)
                .toList();
    }

    /** Whether it is work of this hub that ends the process: such a stop is not one in order. */
    boolean endsTheProcess() {
        return Stream.concat(rows.values().stream(), late.stream())
                .flatMap(held -> Stream.of(held.thread.getStackTrace()))
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Runtime")
                        && frame.getMethodName().equals("exit"));
    }

    /** How many threads have not let go of such work. Those that have died did, whatever they left behind. */
    long late(WorkKind kind) {
        late.stream().filter(held -> !held.thread.isAlive()).forEach(held -> {
            blamed.add(held.row);
            held.close();
        });
        return late.stream().filter(held -> held.kind == kind).count();
    }
}
