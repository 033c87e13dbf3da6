package org.caravanserai.timeline;

import java.time.Instant;
import java.util.Map;

/**
 * One step on a message's way.
 *
 * @param stage one of the contract's stages: received stored enriched retrieved asked tool handed_over replied sent
 *     delivered read failed webhook
 * @param outcome ok, or what happened instead
 * @param durationMs null where it makes no sense
 * @param detail no message text
 */
public record Hop(String stage, String outcome, Instant at, Long durationMs, Map<String, Object> detail) {

    public static Hop now(String stage, String outcome, Map<String, Object> detail) {
        return new Hop(stage, outcome, Instant.now(), null, detail);
    }

    /** A hop that began at {@code startNanos} ({@link System#nanoTime()}) and ends now. */
    public static Hop since(long startNanos, String stage, String outcome, Map<String, Object> detail) {
        return new Hop(stage, outcome, Instant.now(), (System.nanoTime() - startNanos) / 1_000_000, detail);
    }
}
