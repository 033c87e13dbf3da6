package org.caravanserai.acceptance;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real PostgreSQL and a real RabbitMQ, where the environment names them ({@code HUB_IT_POSTGRES_URL}, a server's URL that
 * ends in a slash, with {@code HUB_IT_POSTGRES_USER} and {@code _PASSWORD}; {@code HUB_IT_RABBITMQ_ADDRESSES} with
 * {@code HUB_IT_RABBITMQ_CTL}, the command that makes virtual hosts; {@code HUB_IT_RABBITMQ_MAY_STOP=true} if a test may stop it). Each home gets a database and a virtual host of its
 * own, since the hubs of several tests run side by side and must not see each other's rows and wake-ups.
 */
public final class ExternalParts {

    private static final String SERVER = System.getenv("HUB_IT_POSTGRES_URL");
    private static final String USER = System.getenv("HUB_IT_POSTGRES_USER");
    private static final String PASSWORD = System.getenv("HUB_IT_POSTGRES_PASSWORD");
    private static final String RABBITMQ = System.getenv("HUB_IT_RABBITMQ_ADDRESSES");
    private static final String RABBITMQ_CTL = System.getenv().getOrDefault("HUB_IT_RABBITMQ_CTL", "rabbitmqctl");

    private static final boolean MAY_STOP_RABBITMQ = Boolean.parseBoolean(System.getenv("HUB_IT_RABBITMQ_MAY_STOP"));

    private ExternalParts() {}

    /** Whether the environment names a PostgreSQL. */
    public static boolean hasPostgres() {
        return SERVER != null && !SERVER.isBlank();
    }

    /** Whether the environment names a RabbitMQ. */
    public static boolean hasRabbitmq() {
        return RABBITMQ != null && !RABBITMQ.isBlank();
    }

    /**
     * Takes the broker away from the hubs of a virtual host: the whole of it where {@code HUB_IT_RABBITMQ_MAY_STOP} says
     * that it is ours alone, else the virtual host with all its queues.
     */
    public static void stopRabbitmq(String virtualHost) {
        if (MAY_STOP_RABBITMQ) {
            rabbitmqctl("stop_app");
        } else {
            rabbitmqctl("delete_vhost", virtualHost);
        }
    }

    /** Gives it back. */
    public static void startRabbitmq(String virtualHost) {
        if (MAY_STOP_RABBITMQ) {
            rabbitmqctl("start_app");
        } else {
            addVirtualHost(virtualHost);
        }
    }

    private static void addVirtualHost(String virtualHost) {
        rabbitmqctl("add_vhost", virtualHost);
        rabbitmqctl("set_permissions", "-p", virtualHost, "guest", ".*", ".*", ".*");
    }

    /** What a hub on this home is told; empty where the embedded parts are to be used. */
    public static Map<String, String> forHome(Path home) {
        Map<String, String> settings = new HashMap<>();
        if (hasPostgres()) {
            String database = nameFor(home);
            execute("drop database if exists " + database + " with (force)");
            execute("create database " + database);
            settings.put("SPRING_DATASOURCE_URL", SERVER + database);
            settings.put("SPRING_DATASOURCE_USERNAME", USER);
            settings.put("SPRING_DATASOURCE_PASSWORD", PASSWORD);
            settings.put("HUB_ADMIN_API_KEY", "acceptance-admin-key-of-forty-characters");
            settings.put("HUB_ENCRYPTION_KEYSET", keyset());
        }
        if (hasRabbitmq()) {
            String virtualHost = nameFor(home);
            addVirtualHost(virtualHost);
            settings.put("SPRING_RABBITMQ_ADDRESSES", RABBITMQ);
            settings.put("SPRING_RABBITMQ_VIRTUAL_HOST", virtualHost);
        }
        return settings;
    }

    private static String nameFor(Path home) {
        return "hub_it_" + Integer.toHexString(home.toAbsolutePath().hashCode()) + "_"
                + ProcessHandle.current().pid();
    }

    private static void rabbitmqctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(RABBITMQ_CTL.split(" ")));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(String.join(" ", command) + " failed; set HUB_IT_RABBITMQ_CTL to a"
                        + " rabbitmqctl that reaches the broker of HUB_IT_RABBITMQ_ADDRESSES");
            }
        } catch (IOException missing) {
            throw new IllegalStateException(RABBITMQ_CTL + " cannot be run; set HUB_IT_RABBITMQ_CTL", missing);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    /** Removes databases again, given their URLs; blank ones are passed over. */
    public static void drop(List<String> urls) {
        for (String url : urls) {
            if (!url.isBlank()) {
                execute("drop database if exists " + url.substring(url.lastIndexOf('/') + 1) + " with (force)");
            }
        }
    }

    private static void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(SERVER + "postgres", USER, PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException("the PostgreSQL of HUB_IT_POSTGRES_URL refused: " + sql, failed);
        }
    }

    /** A new key set that encrypts secrets at rest. */
    public static String keyset() {
        try {
            AeadConfig.register();
            KeysetHandle handle =
                    KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get());
            return TinkJsonProtoKeysetFormat.serializeKeyset(
                    handle, RegistryConfiguration.get(), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
