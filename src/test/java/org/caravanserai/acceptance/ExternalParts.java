package org.caravanserai.acceptance;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A real PostgreSQL and a real RabbitMQ, where the environment names them ({@code HUB_IT_POSTGRES_URL}, a server's URL that
 * ends in a slash, with {@code HUB_IT_POSTGRES_USER} and {@code _PASSWORD}; {@code HUB_IT_RABBITMQ_ADDRESSES}). Each home
 * gets a database of its own.
 */
final class ExternalParts {

    private static final String SERVER = System.getenv("HUB_IT_POSTGRES_URL");
    private static final String USER = System.getenv("HUB_IT_POSTGRES_USER");
    private static final String PASSWORD = System.getenv("HUB_IT_POSTGRES_PASSWORD");

    private ExternalParts() {}

    /** What a hub on this home is told; empty where the embedded parts are to be used. */
    static Map<String, String> forHome(Path home) {
        Map<String, String> settings = new HashMap<>();
        if (SERVER != null && !SERVER.isBlank()) {
            String database = "hub_it_" + Integer.toHexString(home.hashCode()) + "_"
                    + ProcessHandle.current().pid();
            execute("drop database if exists " + database + " with (force)");
            execute("create database " + database);
            settings.put("SPRING_DATASOURCE_URL", SERVER + database);
            settings.put("SPRING_DATASOURCE_USERNAME", USER);
            settings.put("SPRING_DATASOURCE_PASSWORD", PASSWORD);
            settings.put("HUB_ADMIN_API_KEY", "acceptance-admin-key-of-forty-characters");
            settings.put("HUB_ENCRYPTION_KEYSET", keyset());
            String rabbit = System.getenv("HUB_IT_RABBITMQ_ADDRESSES");
            if (rabbit != null && !rabbit.isBlank()) {
                settings.put("SPRING_RABBITMQ_ADDRESSES", rabbit);
            }
        }
        return settings;
    }

    static void drop(List<String> urls) {
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

    private static String keyset() {
        try {
            AeadConfig.register();
            KeysetHandle handle = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
            return TinkJsonProtoKeysetFormat.serializeKeyset(handle, InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
