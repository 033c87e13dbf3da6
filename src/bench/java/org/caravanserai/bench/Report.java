package org.caravanserai.bench;

import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What a run prints. */
final class Report {

    private static final int MAX_FAULTS = 50;

    private Report() {}

    static void line(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    static void latency(String what, Histogram micros) {
        line(
                "  %s: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, most %.1f ms (%d)",
                what,
                micros.getValueAtPercentile(50) / 1000.0,
                micros.getValueAtPercentile(99) / 1000.0,
                micros.getValueAtPercentile(99.9) / 1000.0,
                micros.getMaxValue() / 1000.0,
                micros.getTotalCount());
    }

    /** Says what is wrong. True if nothing is. */
    static boolean verdict(List<String> faults) {
        faults.stream().limit(MAX_FAULTS).forEach(fault -> line("%s", fault));
        line(
                faults.isEmpty() ? "nothing lost, doubled or reordered" : "FAILED: %d faults%s",
                faults.size(),
                faults.size() > MAX_FAULTS ? ", the first " + MAX_FAULTS + " are shown" : "");
        return faults.isEmpty();
    }
}
