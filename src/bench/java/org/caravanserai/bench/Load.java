package org.caravanserai.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Measures the hub at a constant rate and at its limits; nothing may be lost or doubled meanwhile. */
final class Load {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Settings settings;
    private final AtomicReference<Usage> most = new AtomicReference<>(new Usage(0, 0, 0));

    private record Usage(double heapMiB, double connections, double active) {
        Usage max(Usage other) {
            return new Usage(
                    Math.max(heapMiB, other.heapMiB),
                    Math.max(connections, other.connections),
                    Math.max(active, other.active));
        }
    }

    Load(Settings settings) {
        this.settings = settings;
    }

    /** True if all is well. */
    boolean run() throws Exception {
        Report.line("load: %s", settings);
        try (Scene scene = new Scene(settings);
                Traffic traffic = new Traffic(scene);
                ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor()) {
            Report.line("hub is ready, its log is %s", scene.hub.log());
            watch.scheduleAtFixedRate(() -> look(scene.hub), 5, 5, TimeUnit.SECONDS);
            traffic.run(settings.rate(), settings.warmUp());
            boolean through = traffic.awaitAccepted(60) && scene.settle(PATIENCE);
            steady(scene, traffic);
            through &= traffic.awaitAccepted(60) && scene.settle(PATIENCE);
            if (settings.peak() > 0) {
                through &= limits(scene, traffic);
            }
            watch.shutdownNow();
            Usage usage = most.get();
            Report.line(
                    "hub, at most: heap used %.0f MiB of %s, %.0f database connections (%.0f in use), %d model calls at once",
                    usage.heapMiB, settings.heap(), usage.connections, usage.active, scene.model.mostWaiting());
            Report.line("in all: %s; webhooks repeated: %s", scene.ledger.counts(), scene.ledger.repeats);
            List<String> faults = scene.faults();
            if (!through) {
                faults.add("NOT THROUGH: nothing moved for " + PATIENCE.toSeconds() + " s");
            }
            return Report.verdict(faults);
        }
    }

    private void steady(Scene scene, Traffic traffic) {
        Ledger ledger = scene.ledger;
        long acceptedBefore = ledger.accepted.sum();
        long answeredBefore = ledger.answered.sum();
        long refusedBefore = ledger.refused.sum();
        long start = System.nanoTime();
        Cost before = Cost.of(scene);
        ledger.measuring = true;
        traffic.run(settings.rate(), settings.seconds());
        double seconds = (System.nanoTime() - start) / 1e9;
        long accepted = ledger.accepted.sum() - acceptedBefore;
        long answered = ledger.answered.sum() - answeredBefore;
        scene.settle(PATIENCE);
        ledger.measuring = false;
        Report.line(
                "at %d/s: accepted %.1f/s, end to end %.1f/s, refused posts %d",
                settings.rate(), accepted / seconds, answered / seconds, ledger.refused.sum() - refusedBefore);
        Report.latency("accept", ledger.acceptMicros);
        Report.latency(
                "end to end, the model's " + settings.modelDelay().toMillis() + " ms in it", ledger.endToEndMicros);
        Cost.report(scene, before, ledger.accepted.sum() - acceptedBefore);
    }

    /** The bare server's limit and the doors', with the same bytes; then how fast the hub works off what came. */
    private boolean limits(Scene scene, Traffic traffic) throws Exception {
        byte[] body = scene.doors.getFirst().signer().text("wamid.K0x0K", "491710000000", "x".repeat(50));
        double limit;
        Histogram micros = new ConcurrentHistogram(3);
        try (Limit server = new Limit(scene.parts)) {
            server.measure(body, settings.connections(), settings.peak(), new ConcurrentHistogram(3));
            limit = server.measure(body, settings.connections(), settings.peak(), (ConcurrentHistogram) micros);
        }
        Report.line(
                "the limit, a bare server on the same database: %.0f/s with %d connections",
                limit, settings.connections());
        Report.latency("limit", micros);
        // as the limit has it: once to warm up, and once measured
        traffic.flood(settings.connections(), settings.peak());
        boolean through = scene.settle(PATIENCE);
        long answeredBefore = scene.ledger.answered.sum();
        Cost before = Cost.of(scene);
        long start = System.nanoTime();
        long accepted = traffic.flood(settings.connections(), settings.peak());
        double acceptRate = accepted * 1e9 / (System.nanoTime() - start);
        Report.line(
                "the doors, at once: %.0f/s with %d connections = %.2f of the limit",
                acceptRate, settings.connections(), acceptRate / limit);
        through &= scene.settle(PATIENCE);
        double endToEnd = (scene.ledger.answered.sum() - answeredBefore) * 1e9 / (System.nanoTime() - start);
        Report.line(
                "all that came then was through at %.0f/s end to end, webhooks included = %.3f of the limit",
                endToEnd, endToEnd / limit);
        Cost.report(scene, before, scene.ledger.answered.sum() - answeredBefore);
        return through & atHalf(scene, traffic, acceptRate);
    }

    /** How fast the doors answer while half as much comes as they can take, and the hub works off what came. */
    private boolean atHalf(Scene scene, Traffic traffic, double acceptRate) throws Exception {
        Ledger ledger = scene.ledger;
        ledger.acceptMicros.reset();
        long refusedBefore = ledger.refused.sum();
        boolean through;
        try (Commits commits = new Commits(scene.parts)) {
            ledger.measuring = true;
            traffic.run(acceptRate / 2, settings.peak());
            through = traffic.awaitAccepted(60);
            ledger.measuring = false;
            Report.line(
                    "the doors at half that rate, %.0f/s: refused posts %d",
                    acceptRate / 2, ledger.refused.sum() - refusedBefore);
            Report.latency("accept", ledger.acceptMicros);
            Report.latency("one row, committed beside it", commits.micros());
        }
        return through & scene.settle(PATIENCE);
    }

    private void look(Hub hub) {
        List<String> metrics = hub.metrics();
        Usage now = new Usage(
                Hub.sum(metrics, "jvm_memory_used_bytes", "area=\"heap\"") / 1048576,
                Hub.sum(metrics, "hikaricp_connections", ""),
                Hub.sum(metrics, "hikaricp_connections_active", ""));
        most.accumulateAndGet(now, Usage::max);
    }
}
