package org.caravanserai.fuzz;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * A reader of bytes from outside, together with what must hold whatever they are.
 *
 * @param name the first line of its inputs
 * @param check reads, and throws whatever should not be
 */
public record Reader(String name, Check check) {

    /** Reads one input. */
    @FunctionalInterface
    public interface Check {
        void read(Input input) throws Exception;
    }

    /** What was read, or nothing where the reader refused it in one of the ways that it may. All else is thrown on. */
    @SafeVarargs
    public static <T> Optional<T> unlessRefused(Callable<T> reading, Class<? extends Exception>... refusals)
            throws Exception {
        try {
            return Optional.ofNullable(reading.call());
        } catch (Exception refused) {
            if (Stream.of(refusals).anyMatch(refusal -> refusal.isInstance(refused))) {
                return Optional.empty();
            }
            throw refused;
        }
    }
}
