package org.caravanserai.siege;

import java.io.IOException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** One kind of hostile input. Each strike is bounded in count and time, so that a siege ends by itself. */
interface Attack extends AutoCloseable {

    /** What is sent, in a few words, for the report. */
    String name();

    /** Time from the beginning of a strike to that of the next. */
    Duration every();

    /** Sends something once. What the hub answers is its own affair; that it refuses a connection is an answer, too. */
    void strike(RandomGenerator random) throws IOException, InterruptedException;

    @Override
    default void close() throws IOException {
        // most keep nothing open
    }
}
