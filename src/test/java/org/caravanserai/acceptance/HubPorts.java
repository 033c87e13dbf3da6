package org.caravanserai.acceptance;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for hubs that run as processes. A hub listens on its own only seconds after it was chosen, and again after each
 * restart; so they lie below those that systems give to anyone, and apart for each JVM that runs tests.
 */
final class HubPorts {

    private static final int FIRST = 12_000;
    private static final int EACH = 2_000;
    private static final int FORKS = 4;
    private static final int FORK = Integer.getInteger("fork", 1);

    private HubPorts() {}

    /** One that nobody listens on, and that no hub of this JVM has had. */
    static synchronized int next() throws IOException {
        int first = FIRST + FORK % FORKS * EACH;
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(first, first + EACH);
            Path log = log(port);
            if (isFree(port) && (Files.notExists(log) || isOfAnEarlierRun(log))) {
                Files.write(log, new byte[0]);
                return port;
            }
        }
    }

    private static boolean isOfAnEarlierRun(Path log) throws IOException {
        return Files.getLastModifiedTime(log).toMillis()
                < ManagementFactory.getRuntimeMXBean().getStartTime();
    }

    /** What the hub on a port has printed. */
    static Path log(int port) {
        return Path.of("target", "hub-" + port + ".log").toAbsolutePath();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.getLocalPort() == port;
        } catch (IOException taken) {
            return false;
        }
    }
}
