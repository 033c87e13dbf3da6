package org.caravanserai.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What a run is told.
 *
 * @param rate messages a second, at a constant schedule
 * @param seconds how long they arrive
 * @param warmUp how many seconds they arrive before anything is measured: the JVM compiles what is used often
 * @param conversations contacts that write, over all tenants
 * @param modelDelay how long the model takes
 * @param retrieval whether tenants have a document and search it, which embeds each question inside the hub
 * @param peak seconds of the measurement of the door's own limit, and of the bare server's; 0 leaves both out
 * @param connections of the load generator while it measures limits
 * @param parts {@code embedded}, {@code real} (a PostgreSQL and a RabbitMQ that the run starts), or {@code given} (those
 *     of {@code SPRING_*} in the environment)
 * @param flood messages a second of the tenant that floods, in a noisy run
 * @param seed of what happens in a chaos run
 * @param kills how many things happen at least in a chaos run
 */
record Settings(
        int rate,
        int seconds,
        int warmUp,
        int tenants,
        int conversations,
        Duration modelDelay,
        boolean retrieval,
        int peak,
        int connections,
        String parts,
        int flood,
        long seed,
        int kills,
        String heap,
        String jvm) {

    static Settings of(String bench, String[] arguments) {
        boolean chaos = bench.equals("chaos");
        int rate =
                switch (bench) {
                    case "chaos", "curve" -> 30;
                    case "noisy" -> 20;
                    case "siege" -> 5;
                    case "deliveries" -> 1000;
                    default -> 50;
                };
        int seconds =
                switch (bench) {
                    case "chaos" -> 60;
                    case "deliveries" -> 10;
                    case "siege" -> 600;
                    default -> 30;
                };
        Map<String, String> given = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                throw new IllegalArgumentException(argument + " is not of the form --name=value");
            }
            if (equals + 1 < argument.length()) {
                given.put(argument.substring(2, equals), argument.substring(equals + 1));
            }
        }
        boolean external = !chaos && System.getenv("SPRING_DATASOURCE_URL") != null;
        return new Settings(
                number(given, "rate", rate),
                number(given, "seconds", seconds),
                number(given, "warmUp", 60),
                number(given, "tenants", chaos ? 4 : 10),
                number(given, "conversations", chaos ? 200 : 1000),
                Duration.ofMillis(number(given, "modelDelay", chaos ? 200 : 0)),
                Boolean.parseBoolean(given.getOrDefault("retrieval", "false")),
                number(given, "peak", 5),
                number(given, "connections", 64),
                given.getOrDefault("parts", external ? "given" : "embedded"),
                number(given, "flood", 200),
                given.containsKey("seed") ? Long.parseLong(given.get("seed")) : System.nanoTime() % 1_000_000,
                number(given, "kills", 5),
                given.getOrDefault("heap", "1g"),
                given.getOrDefault("jvm", ""));
    }

    private static int number(Map<String, String> given, String name, int otherwise) {
        try {
            return Integer.parseInt(given.getOrDefault(name, Integer.toString(otherwise)));
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("-D" + name + " must be a whole number", wrong);
        }
    }
}
