package org.caravanserai.siege;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Sends every kind of hostile input through every entry of a running hub while a quiet tenant's signed questions go on, and
 * says what the quiet tenant and a supervisor noticed of it.
 */
public final class Siege {

    private static final Duration SETTLE = Duration.ofSeconds(90);
    private static final double MILLION = 1_000_000.0;

    private final Plan plan;
    private final URI hub;
    private final String adminKey;
    private final long pid;
    private final Neighbours neighbours;
    private final Consumer<String> report;
    private final Map<String, Long> strikes = new ConcurrentHashMap<>();
    private volatile boolean isOver;

    /**
     * How long and how much.
     *
     * @param warmUp the quiet tenant asks, and nothing is measured
     * @param alone the quiet tenant asks, and nobody else does anything
     * @param besieged the attackers are at it, too
     * @param perSecond questions of the quiet tenant
     * @param connections that are slow
     */
    public record Plan(
            Duration warmUp, Duration alone, Duration besieged, double perSecond, int connections, long seed) {}

    /**
     * What was noticed.
     *
     * @param liveness the longest time that liveness took during the siege
     * @param notLive how often it was not 200
     * @param heap bytes that were reachable early in the siege
     * @param heapAfter bytes that were reachable at its end
     */
    public record Outcome(
            Duration liveness,
            int notLive,
            Duration aloneP99,
            Duration besiegedP99,
            Duration acceptedP99,
            int asked,
            int refused,
            long lost,
            long doubled,
            long heap,
            long heapAfter,
            Map<String, Long> strikes) {

        /** The quiet tenant's p99 under siege as a multiple of what it was alone. */
        public double ratio() {
            return besiegedP99.toNanos() / (double) aloneP99.toNanos();
        }
    }

    /** @param neighbours whose settings the hub was started with. @param pid of the hub's process */
    public Siege(Plan plan, URI hub, String adminKey, long pid, Neighbours neighbours, Consumer<String> report) {
        this.plan = plan;
        this.hub = hub;
        this.adminKey = adminKey;
        this.pid = pid;
        this.neighbours = neighbours;
        this.report = report;
    }

    public Outcome run() throws IOException, InterruptedException {
        report.accept("seed " + plan.seed());
        Victims victims = new Victims(hub, adminKey, neighbours.uri());
        try (QuietClient quiet = new QuietClient(victims.quietDoor, neighbours);
                Watch watch = new Watch(hub, pid)) {
            quiet.ask(plan.perSecond(), plan.warmUp(), false);
            quiet.settle(SETTLE);
            quiet.forget();
            quiet.ask(plan.perSecond(), plan.alone(), false);
            quiet.settle(SETTLE);
            report.accept("alone: p50 %.0f ms, p99 %.0f ms, liveness at most %d ms"
                    .formatted(
                            millis(quiet.answered(false, 0.5)),
                            millis(quiet.answered(false, 0.99)),
                            watch.worst().toMillis()));
            watch.reset();
            List<Thread> attackers = begin(attacks(victims.hostile));
            Duration quarter = plan.besieged().dividedBy(4);
            quiet.ask(plan.perSecond(), quarter, true);
            long heap = watch.reachable();
            for (int i = 0; i < 3; i++) {
                quiet.ask(plan.perSecond(), quarter, true);
                report.accept(
                        "besieged: p99 %.0f ms, accepted p99 %.0f ms, liveness at most %d ms, %d posts refused, %d MB resident"
                                .formatted(
                                        millis(quiet.answered(true, 0.99)),
                                        millis(quiet.accepted(true, 0.99)),
                                        watch.worst().toMillis(),
                                        quiet.refused(),
                                        watch.resident() / 1_000_000));
            }
            quiet.settle(SETTLE);
            long heapAfter = watch.reachable();
            isOver = true;
            for (Thread attacker : attackers) {
                attacker.join(SETTLE.toMillis());
            }
            return new Outcome(
                    watch.worst(),
                    watch.failures(),
                    quiet.answered(false, 0.99),
                    quiet.answered(true, 0.99),
                    quiet.accepted(true, 0.99),
                    quiet.asked(true),
                    quiet.refused(),
                    quiet.unanswered(),
                    quiet.doubled(),
                    heap,
                    heapAfter,
                    new TreeMap<>(strikes));
        } finally {
            isOver = true;
        }
    }

    private List<Attack> attacks(Victims.Hostile hostile) throws IOException {
        List<String> doors = List.of(hostile.whatsapp(), hostile.generic(), "/webhooks/whatsapp");
        return List.of(
                new HostilePosts(new Caller(hub, "127.0.2.1"), hostile),
                new HostileTenant(new Caller(hub, "127.0.2.2"), hostile),
                new HostilePages(new Caller(hub, "127.0.2.3"), hostile),
                new Strangers(new Caller(hub, "127.0.2.4"), hub),
                new SlowConnections(hub, doors, plan.connections()));
    }

    private List<Thread> begin(List<Attack> attacks) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < attacks.size(); i++) {
            Attack attack = attacks.get(i);
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(plan.seed() + i);
            threads.add(
                    Thread.ofPlatform().name("siege-" + attack.name()).daemon().start(() -> attack(attack, random)));
        }
        return threads;
    }

    private void attack(Attack attack, RandomGenerator random) {
        try (attack) {
            while (!isOver) {
                long until = System.nanoTime() + attack.every().toNanos();
                attack.strike(random);
                strikes.merge(attack.name(), 1L, Long::sum);
                LockSupport.parkNanos(until - System.nanoTime());
            }
        } catch (IOException | RuntimeException broken) {
            strikes.put(attack.name() + " ended: " + broken, 0L);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static double millis(Duration time) {
        return time.toNanos() / MILLION;
    }
}
