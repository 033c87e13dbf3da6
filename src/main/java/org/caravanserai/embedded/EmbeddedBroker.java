package org.caravanserai.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.qpid.server.SystemLauncher;
import org.caravanserai.startup.StartupFailure;

/**
 * An AMQP 0-9-1 broker inside the hub, on loopback. It holds wake-ups, which are ids, in memory: losing it costs one
 * sweep.
 */
final class EmbeddedBroker {

    static final String USER = "hub";

    private final HubHome home;
    private final SystemLauncher launcher = new SystemLauncher();
    private final String password;
    private final int port;
    private boolean running;

    EmbeddedBroker(HubHome home) {
        this.home = home;
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        this.password = HexFormat.of().formatHex(random);
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = socket.getLocalPort();
        } catch (IOException none) {
            throw new StartupFailure("No free port was found on loopback.", "Look what takes them all.");
        }
    }

    synchronized void start() {
        URL configuration = EmbeddedBroker.class.getResource("/embedded-broker.json");
        Map<String, String> context = new HashMap<>();
        context.put("hub.broker.port", Integer.toString(port));
        context.put("hub.broker.password", password);
        context.put("qpid.work_dir", home.resolve("broker").toString());
        // Arguments that only RabbitMQ knows must not fail a declaration.
        context.put("queue.behaviourOnUnknownDeclareArgument", "IGNORE");
        context.put("qpid.port.sessionCountLimit", "2000");
        Map<String, Object> attributes = new HashMap<>();
        attributes.put("type", "Memory");
        attributes.put("initialConfigurationLocation", configuration.toExternalForm());
        attributes.put("startupLoggedToSystemOut", false);
        attributes.put("context", context);
        try {
            launcher.startup(attributes);
            running = true;
        } catch (Exception failed) { // the launcher declares nothing narrower
            throw new IllegalStateException("the embedded broker could not be started", failed);
        }
    }

    int port() {
        return port;
    }

    String password() {
        return password;
    }

    synchronized void stop() {
        if (running) {
            running = false;
            launcher.shutdown();
        }
    }
}
