package org.caravanserai.timeline;

import java.time.Instant;
import java.util.Map;

/** A hop as the API shows it. @param durationMs null where it makes no sense */
public record TimelineView(Instant at, String stage, String outcome, Long durationMs, Map<String, Object> detail) {}
