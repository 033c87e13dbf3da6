package org.caravanserai.bench;

import java.util.Arrays;

/** Measures the hub from outside, as its neighbours see it. README.md in src/bench says how to run it. */
final class Bench {

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            throw new IllegalArgumentException(
                    "Say what to run: -Dbench=load, chaos, noisy, siege, deliveries, curve or index");
        }
        Settings settings = Settings.of(arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length));
        boolean well =
                switch (arguments[0]) {
                    case "load" -> new Load(settings).run();
                    case "chaos" -> new Chaos(settings).run();
                    case "deliveries" -> new Deliveries(settings).run();
                    case "curve" -> new Curve(settings).run();
                    case "noisy" -> new Noisy(settings).run();
                    case "siege" -> new Besiege(settings).run();
                    case "index" -> new Backlog(settings).run();
                    default ->
                        throw new IllegalArgumentException(
                                "-Dbench must be load, chaos, noisy, siege, deliveries, curve or index");
                };
        System.exit(well ? 0 : 1);
    }
}
