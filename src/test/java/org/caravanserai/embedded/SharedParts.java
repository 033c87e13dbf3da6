package org.caravanserai.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.caravanserai.acceptance.ExternalParts;

/**
 * A database and a broker for several hubs: those that the environment names, else embedded ones that the test itself runs,
 * so that they outlive each hub.
 */
public final class SharedParts implements AutoCloseable {

    private final HubHome home;
    private final Map<String, String> settings = new HashMap<>();
    private final EmbeddedPostgres postgres;
    private final EmbeddedBroker broker;

    public SharedParts(Path folder) throws IOException {
        home = HubHome.lock(folder);
        settings.putAll(ExternalParts.forHome(folder));
        postgres = settings.containsKey("SPRING_DATASOURCE_URL") ? null : ownPostgres();
        broker = settings.containsKey("SPRING_RABBITMQ_ADDRESSES") ? null : ownBroker();
        settings.putIfAbsent("HUB_ADMIN_API_KEY", "shared-admin-key-of-more-than-forty-characters");
        settings.computeIfAbsent("HUB_ENCRYPTION_KEYSET", name -> ExternalParts.keyset());
    }

    /** What each hub is told, by environment. */
    public Map<String, String> settings() {
        return settings;
    }

    /** Takes the broker away from the hubs; a real one from those of other tests too, unless it is tagged {@code stops-the-broker}. */
    public void stopBroker() {
        if (broker == null) {
            ExternalParts.stopRabbitmq(settings.get("SPRING_RABBITMQ_VIRTUAL_HOST"));
        } else {
            broker.stop();
        }
    }

    /** Gives it back at the same address, with nothing in it. */
    public void startBroker() {
        if (broker == null) {
            ExternalParts.startRabbitmq(settings.get("SPRING_RABBITMQ_VIRTUAL_HOST"));
        } else {
            broker.start();
        }
    }

    private EmbeddedPostgres ownPostgres() throws IOException {
        UnpackedPostgres.giveTo(home.folder());
        EmbeddedPostgres own = new EmbeddedPostgres(home, () -> {
            throw new IllegalStateException("the shared PostgreSQL died for good");
        });
        own.start();
        settings.put("SPRING_DATASOURCE_URL", own.url());
        settings.put("SPRING_DATASOURCE_USERNAME", PostgresServer.SUPERUSER);
        settings.put("SPRING_DATASOURCE_PASSWORD", own.superuserPassword());
        return own;
    }

    private EmbeddedBroker ownBroker() {
        EmbeddedBroker own = new EmbeddedBroker(home);
        own.start();
        settings.put("SPRING_RABBITMQ_ADDRESSES", "127.0.0.1:" + own.port());
        settings.put("SPRING_RABBITMQ_USERNAME", EmbeddedBroker.USER);
        settings.put("SPRING_RABBITMQ_PASSWORD", own.password());
        return own;
    }

    @Override
    public void close() {
        if (broker != null) {
            broker.stop();
        }
        if (postgres == null) {
            ExternalParts.drop(java.util.List.of(settings.get("SPRING_DATASOURCE_URL")));
        } else {
            postgres.stop();
        }
        home.close();
    }
}
