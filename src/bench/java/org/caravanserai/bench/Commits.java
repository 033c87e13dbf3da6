package org.caravanserai.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long one row takes to become durable, 50 times a second by the clock, while something else is measured: no door can be
 * faster than that.
 */
final class Commits implements AutoCloseable {

    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ConcurrentHistogram micros = new ConcurrentHistogram(3);
    private final Connection connection;
    private final Thread thread;
    private volatile boolean closed;

    Commits(Parts parts) throws SQLException {
        connection = parts.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists bench_commits (n int)");
        }
        thread = Thread.ofPlatform().start(this::commit);
    }

    private void commit() {
        try (Statement statement = connection.createStatement()) {
            for (long due = System.nanoTime(); !closed; due += EVERY_NANOS) {
                LockSupport.parkNanos(due - System.nanoTime());
                statement.execute("insert into bench_commits values (1)");
                micros.recordValue(Math.max(0, System.nanoTime() - due) / 1000);
            }
        } catch (SQLException failed) {
            Report.line("the row beside it could not be committed: %s", failed.getMessage());
        }
    }

    Histogram micros() {
        return micros;
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        closed = true;
        thread.join();
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute("drop table bench_commits");
        }
    }
}
