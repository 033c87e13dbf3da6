package org.caravanserai.embedded;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener;
import org.apache.qpid.server.model.SystemConfig;
import org.caravanserai.startup.StartupFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.ReflectionUtils;

/**
 * An AMQP 0-9-1 broker inside the hub, on loopback. It holds wake-ups, which are ids, in memory: losing it costs one
 * sweep.
 */
final class EmbeddedBroker {

    static final String USER = "hub";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

    private final HubHome home;
    private final AtomicReference<SystemConfig<?>> system = new AtomicReference<>();
    private final SystemLauncher launcher =
            new SystemLauncher(new SystemLauncherListener.DefaultSystemLauncherListener() {
                @Override
                public void onContainerResolve(SystemConfig<?> resolved) {
                    system.set(resolved);
                }
            });
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
        Map<String, String> context = new HashMap<>();
        context.put("hub.broker.port", Integer.toString(port));
        context.put("hub.broker.password", password);
        context.put("qpid.work_dir", home.resolve("broker").toString());
        // Arguments that only RabbitMQ knows must not fail a declaration.
        context.put("queue.behaviourOnUnknownDeclareArgument", "IGNORE");
        context.put("qpid.port.sessionCountLimit", "2000");
        Map<String, Object> attributes = new HashMap<>();
        attributes.put("type", "Memory");
        attributes.put("initialConfigurationLocation", resource("/embedded-broker.json"));
        // Its own default is a URL of a kind that is not known inside an executable jar.
        attributes.put("initialSystemPropertiesLocation", resource("/embedded-broker.properties"));
        attributes.put("startupLoggedToSystemOut", false);
        attributes.put("context", context);
        try {
            launcher.startup(attributes);
            running = true;
            removeShutdownHook();
        } catch (Exception failed) { // the launcher declares nothing narrower
            throw new IllegalStateException("the embedded broker could not be started", failed);
        }
    }

    private static String resource(String name) {
        return EmbeddedBroker.class.getResource(name).toExternalForm();
    }

    /**
     * The broker stops itself as soon as the process is asked to end, before the routes that use it. We stop it when its
     * turn has come, and it offers no other way to have its hook removed.
     */
    private void removeShutdownHook() {
        Object broker = system.get().getContainer();
        Field field = ReflectionUtils.findField(broker.getClass(), "_shutdownHook", Thread.class);
        if (field == null) {
            LOG.warn("The embedded broker has no known shutdown hook; it may stop before the routes do");
            return;
        }
        ReflectionUtils.makeAccessible(field);
        Runtime.getRuntime().removeShutdownHook((Thread) ReflectionUtils.getField(field, broker));
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
