package org.caravanserai.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Traffic while hub, database and broker are killed, paused and asked to end, in an order that the seed decides. Whatever
 * ended is started again, as a service manager would do; nothing else is done for recovery.
 */
final class Chaos {

    private static final Duration RECOVERY = Duration.ofSeconds(60);
    /** Longer than a send of unknown outcome waits for its echo, so that a second one would be seen. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(20);

    private static final long SHORTEST_PAUSE_MILLIS = 1000;
    private static final int PAUSE_RANGE_MILLIS = 12_000;

    private enum Deed {
        KILL,
        PAUSE,
        END
    }

    private enum Victim {
        HUB,
        DATABASE,
        BROKER
    }

    private record Act(long atMillis, Deed deed, Victim victim, long pauseMillis) {}

    private final Settings settings;
    private final long started = System.nanoTime();

    Chaos(Settings settings) {
        this.settings = settings;
    }

    /** True if all is well. */
    boolean run() throws Exception {
        Report.line("chaos: %s", settings);
        Report.line("repeat it with -Dseed=%d", settings.seed());
        try (Scene scene = new Scene(settings);
                Traffic traffic = new Traffic(scene);
                Keeper keeper = new Keeper(scene, this::say);
                ScheduledExecutorService acts = Executors.newScheduledThreadPool(2)) {
            say("hub is ready, its log is " + scene.hub.log());
            for (Act act : plan(scene)) {
                acts.schedule(() -> perform(scene, acts, act), act.atMillis, TimeUnit.MILLISECONDS);
            }
            traffic.run(settings.rate(), settings.seconds());
            acts.shutdown();
            acts.awaitTermination(PAUSE_RANGE_MILLIS + SHORTEST_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            keeper.awaitAllUp();
            long allUp = System.nanoTime();
            say("everything runs again: " + scene.ledger.counts());
            boolean through = traffic.awaitAccepted(60) && scene.settle(RECOVERY);
            long recovery = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - allUp);
            say((through ? "all through after " : "NOT all through after ") + recovery + " s: "
                    + scene.ledger.counts());
            LockSupport.parkNanos(AFTERWARDS.toNanos());
            List<String> faults = scene.faults();
            if (!through) {
                faults.add("NOT THROUGH within " + RECOVERY.toSeconds() + " s");
            } else if (recovery > RECOVERY.toSeconds()) {
                faults.add("SLOW: recovery took " + recovery + " s");
            }
            if (!traffic.rejected.isEmpty()) {
                faults.add("REJECTED posts, by status: " + traffic.rejected);
            }
            Report.line(
                    "seed %d: %s; posts refused %s, webhooks repeated with the same id %s, fallback replies %s, %s",
                    settings.seed(),
                    scene.ledger.counts(),
                    scene.ledger.refused,
                    scene.ledger.repeats,
                    scene.ledger.fallbacks,
                    keeper.starts());
            return Report.verdict(faults);
        }
    }

    private void say(String what) {
        Report.line("%5.1f s  %s", (System.nanoTime() - started) / 1e9, what);
    }

    /** At least so many kills as asked for, and half as many other things, spread over the run. */
    private List<Act> plan(Scene scene) {
        Random random = new Random(settings.seed());
        List<Victim> victims = new ArrayList<>(List.of(Victim.HUB));
        if (!scene.parts.database().isEmpty()) {
            victims.add(Victim.DATABASE);
        }
        if (!scene.parts.broker().isEmpty()) {
            victims.add(Victim.BROKER);
        }
        int others = settings.kills() / 2 + random.nextInt(2);
        List<Deed> deeds = new ArrayList<>(Collections.nCopies(settings.kills(), Deed.KILL));
        for (int i = 0; i < others; i++) {
            deeds.add(random.nextBoolean() ? Deed.PAUSE : Deed.END);
        }
        Collections.shuffle(deeds, random);
        long step = settings.seconds() * 1000L / (deeds.size() + 1);
        List<Act> plan = new ArrayList<>();
        for (int i = 0; i < deeds.size(); i++) {
            plan.add(new Act(
                    step / 2 + i * step + random.nextInt((int) step),
                    deeds.get(i),
                    victims.get(random.nextInt(victims.size())),
                    SHORTEST_PAUSE_MILLIS + random.nextInt(PAUSE_RANGE_MILLIS)));
        }
        return plan;
    }

    private void perform(Scene scene, ScheduledExecutorService acts, Act act) {
        try {
            List<ProcessHandle> processes = processes(scene, act.victim);
            say(act.deed + " " + act.victim + (act.deed == Deed.PAUSE ? " for " + act.pauseMillis + " ms" : "")
                    + (processes.isEmpty() ? ", which is down" : ""));
            if (processes.isEmpty()) {
                return;
            }
            switch (act.deed) {
                case KILL -> signal("KILL", act.victim == Victim.DATABASE ? processes.subList(0, 1) : processes);
                // PostgreSQL takes SIGTERM to wait for its clients, which stay
                case END -> signal(act.victim == Victim.DATABASE ? "INT" : "TERM", processes.subList(0, 1));
                case PAUSE -> {
                    signal("STOP", processes);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(act.pauseMillis));
                    signal("CONT", processes);
                    say("go on " + act.victim);
                }
            }
        } catch (IOException | InterruptedException failed) {
            say(act + " failed: " + failed);
        }
    }

    private static List<ProcessHandle> processes(Scene scene, Victim victim) {
        return switch (victim) {
            // without its children: the embedded database is a victim of its own
            case HUB -> scene.hub.alive() ? List.of(scene.hub.handle()) : List.of();
            case DATABASE -> scene.parts.database();
            case BROKER -> scene.parts.broker();
        };
    }

    private static void signal(String name, List<ProcessHandle> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.stream().filter(ProcessHandle::isAlive).forEach(one -> command.add(Long.toString(one.pid())));
        if (command.size() > 2) {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor(5, TimeUnit.SECONDS);
        }
    }
}
