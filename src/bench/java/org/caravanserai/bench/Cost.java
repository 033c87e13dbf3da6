package org.caravanserai.bench;

import java.time.Duration;
import java.util.List;

/** The processor time that the hub and its parts have used so far. Parts that are inside the hub, or not ours, are zero. */
record Cost(Duration hub, Duration database, Duration broker) {

    static Cost of(Scene scene) {
        return new Cost(used(List.of(scene.hub.handle())), used(scene.parts.database()), used(scene.parts.broker()));
    }

    private static Duration used(List<ProcessHandle> processes) {
        return processes.stream()
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Prints what has been used since, for each of so many messages. */
    static void report(Scene scene, Cost before, long messages) {
        Cost now = of(scene);
        Report.line(
                "  processor time of a message: hub %.2f ms, database %.2f ms, broker %.2f ms",
                millis(before.hub, now.hub, messages),
                millis(before.database, now.database, messages),
                millis(before.broker, now.broker, messages));
    }

    private static double millis(Duration before, Duration now, long messages) {
        return now.minus(before).toNanos() / 1e6 / Math.max(1, messages);
    }
}
