package org.caravanserai.bench;

import java.time.Duration;
import java.util.List;
import java.util.function.IntPredicate;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * What troubled tenants do to the others: the same quiet traffic alone, and beside a tenant whose endpoint hangs, one whose
 * provider refuses, one that floods, and all three. The troubled are tenants of their own and are not measured.
 */
final class Noisy {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TROUBLED = 3;

    private final Settings settings;

    private enum Trouble {
        FLOOD("a tenant floods"),
        ENDPOINT("a tenant's endpoint hangs"),
        PROVIDER("a tenant's provider answers 429 and 500");

        final String what;

        Trouble(String what) {
            this.what = what;
        }
    }

    Noisy(Settings settings) {
        if (settings.tenants() <= TROUBLED) {
            throw new IllegalArgumentException("-Dtenants must be more than " + TROUBLED + ", the troubled ones");
        }
        this.settings = settings;
    }

    /** True if nothing of the quiet tenants was lost, doubled or reordered. */
    boolean run() throws Exception {
        Report.line("noisy: %s", settings);
        try (Scene scene = new Scene(settings)) {
            Report.line("hub is ready, its log is %s", scene.hub.log());
            scene.ledger.judged = talk -> tenant(talk) >= TROUBLED;
            List<Ledger.Talk> quiet = talks(scene, scene.ledger.judged);
            try (Traffic traffic = new Traffic(scene, quiet)) {
                // at the rate that the hub is to bear: what is measured is the neighbours, and not the JVM's compiler
                traffic.run(settings.flood(), settings.warmUp());
                boolean through = scene.settle(PATIENCE);
                double alone = measure(scene, traffic, "alone", 0);
                for (Trouble trouble : List.of(Trouble.ENDPOINT, Trouble.PROVIDER, Trouble.FLOOD)) {
                    try (Traffic noise = begin(scene, trouble)) {
                        measure(scene, traffic, trouble.what, alone);
                        end(scene, trouble);
                    }
                    through &= scene.settle(PATIENCE);
                }
                List<String> faults = scene.faults();
                if (!through) {
                    faults.add("NOT THROUGH: nothing of the quiet tenants moved for " + PATIENCE.toSeconds() + " s");
                }
                return Report.verdict(faults);
            }
        }
    }

    /** Prints the quiet tenants' latency, and its p99 as a multiple of what it was alone. Gives back the p99 in ms. */
    private double measure(Scene scene, Traffic traffic, String what, double alone) {
        ConcurrentHistogram micros = scene.ledger.endToEndMicros;
        micros.reset();
        scene.ledger.acceptMicros.reset();
        scene.ledger.measuring = true;
        traffic.run(settings.rate(), settings.seconds());
        scene.settle(PATIENCE);
        scene.ledger.measuring = false;
        double p99 = micros.getValueAtPercentile(99) / 1000.0;
        Report.line(
                "%s: the others' %d messages/s%s",
                what, settings.rate(), alone == 0 ? "" : ", p99 %.1f times as long as alone".formatted(p99 / alone));
        Report.latency("accept", scene.ledger.acceptMicros);
        Report.latency("end to end", micros);
        return p99;
    }

    /** Starts the trouble and the traffic of the tenant that has it. */
    private Traffic begin(Scene scene, Trouble trouble) {
        int tenant = trouble.ordinal();
        Traffic noise = new Traffic(scene, talks(scene, talk -> tenant(talk) == tenant));
        switch (trouble) {
            case ENDPOINT -> scene.tenantSystem.hang("/hook/" + tenant);
            case PROVIDER -> scene.graph.fail(scene.doors.get(tenant));
            case FLOOD -> Report.line("the flood is %d messages/s", settings.flood());
        }
        int rate = trouble == Trouble.FLOOD ? settings.flood() : settings.rate();
        noise.start(rate, settings.seconds());
        return noise;
    }

    private static void end(Scene scene, Trouble trouble) {
        switch (trouble) {
            case ENDPOINT -> scene.tenantSystem.answerAll();
            case PROVIDER -> scene.graph.fail(null);
            case FLOOD -> {
                // its backlog is worked off while the run ends
            }
        }
    }

    private static List<Ledger.Talk> talks(Scene scene, IntPredicate which) {
        return scene.ledger.talks.stream()
                .filter(talk -> which.test(talk.number))
                .toList();
    }

    private int tenant(int talk) {
        return talk % settings.tenants();
    }
}
