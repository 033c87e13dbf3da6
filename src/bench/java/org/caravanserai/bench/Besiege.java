package org.caravanserai.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.caravanserai.siege.Neighbours;
import org.caravanserai.siege.Siege;
import org.springframework.util.FileSystemUtils;

/** Ten minutes of every kind of hostile input through every entry, beside a quiet tenant that is to notice little of it. */
final class Besiege {

    private static final Duration LIVENESS = Duration.ofSeconds(2);
    private static final double RATIO = 3;
    private static final double MIB = 1024 * 1024;
    private static final int CONNECTIONS = 2_000;

    private final Settings settings;

    Besiege(Settings settings) {
        this.settings = settings;
    }

    /** True if liveness, the quiet tenant and memory kept within their bounds. */
    boolean run() throws IOException, InterruptedException {
        Report.line("siege: %s", settings);
        Path home = Path.of("target", "bench-home").toAbsolutePath();
        FileSystemUtils.deleteRecursively(home);
        try (Neighbours neighbours = new Neighbours();
                Parts parts = Parts.of(settings, home)) {
            Map<String, String> environment = new HashMap<>(parts.settings());
            environment.putAll(neighbours.settings());
            try (Hub hub = new Hub(home, environment, settings)) {
                hub.launch();
                hub.awaitReady();
                Siege.Plan plan = new Siege.Plan(
                        Duration.ofSeconds(settings.warmUp()),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(settings.seconds()),
                        settings.rate(),
                        CONNECTIONS,
                        settings.seed());
                return verdict(new Siege(
                                plan,
                                hub.uri(),
                                hub.adminKey(),
                                hub.handle().pid(),
                                neighbours,
                                line -> Report.line("  %s", line))
                        .run());
            }
        }
    }

    private static boolean verdict(Siege.Outcome outcome) {
        outcome.strikes().forEach((attack, count) -> Report.line("  %s: %d", attack, count));
        Report.line(
                "quiet: %d asked, %d posts refused and made again, %d lost, %d doubled; accepted p99 %d ms",
                outcome.asked(),
                outcome.refused(),
                outcome.lost(),
                outcome.doubled(),
                outcome.acceptedP99().toMillis());
        Report.line(
                "answered p99 alone %d ms, besieged %d ms: %.1f times (at most %.0f)",
                outcome.aloneP99().toMillis(), outcome.besiegedP99().toMillis(), outcome.ratio(), RATIO);
        Report.line(
                "liveness at most %d ms (at most %d), %d times not 200",
                outcome.liveness().toMillis(), LIVENESS.toMillis(), outcome.notLive());
        Report.line(
                "reachable heap %.0f MiB early, %.0f MiB at the end", outcome.heap() / MIB, outcome.heapAfter() / MIB);
        return outcome.lost() == 0
                && outcome.doubled() == 0
                && outcome.notLive() == 0
                && outcome.liveness().compareTo(LIVENESS) <= 0
                && outcome.ratio() <= RATIO
                && outcome.heapAfter() < outcome.heap() * 1.5 + 64 * MIB;
    }
}
