package org.caravanserai.timeline;

import java.time.Instant;
import java.util.Map;

/**
 * One step of a message's way, as the timeline tells it.
 *
 * @param stage one of the stages of the contract, such as retrieved or asked
 * @param detail ids, scores, counts; never a message's text
 */
public record Hop(String stage, String outcome, Instant at, long durationMs, Map<String, Object> detail) {}
