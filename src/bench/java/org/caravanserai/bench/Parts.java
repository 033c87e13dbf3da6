package org.caravanserai.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.acceptance.ExternalParts;

/** The database and the broker that the hub works on. */
interface Parts extends AutoCloseable {

    /** What the hub is told of them, by environment. */
    Map<String, String> settings();

    /** To the database, as one who may make tables. */
    Connection connect() throws SQLException;

    /** The processes of the database, main one first; empty if they are not ours to kill. */
    List<ProcessHandle> database();

    /** The processes of the broker; empty if they are not ours to kill. */
    List<ProcessHandle> broker();

    /** Starts what is ours again after it was killed. */
    void restartDatabase() throws IOException;

    void restartBroker() throws IOException;

    @Override
    void close() throws IOException;

    static Parts of(Settings settings, Path home) throws IOException {
        return switch (settings.parts()) {
            case "embedded" -> new Embedded(home);
            case "given" -> new Given();
            case "real" -> new OwnParts();
            default -> throw new IllegalArgumentException("-Dparts must be embedded, real or given");
        };
    }

    /** A process and its children. */
    static List<ProcessHandle> family(ProcessHandle main) {
        List<ProcessHandle> all = new java.util.ArrayList<>(List.of(main));
        main.descendants().forEach(all::add);
        return all;
    }

    /** The process that a pid file names, with its children. */
    static List<ProcessHandle> family(Path pidFile) {
        try {
            if (!Files.exists(pidFile)) {
                return List.of();
            }
            long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
            return ProcessHandle.of(pid).map(Parts::family).orElse(List.of());
        } catch (IOException | NumberFormatException halfWritten) {
            return List.of();
        }
    }

    /** Keys that a hub on an external database must be given. */
    static Map<String, String> keys() {
        return Map.of(
                "HUB_ADMIN_API_KEY",
                "bench-admin-key-of-more-than-forty-characters",
                "HUB_ENCRYPTION_KEYSET",
                ExternalParts.keyset());
    }

    /** Those inside the hub. It starts its database again by itself. */
    record Embedded(Path home) implements Parts {

        @Override
        public Map<String, String> settings() {
            return Map.of();
        }

        @Override
        public Connection connect() throws SQLException {
            try {
                String port = Files.readAllLines(pidFile()).get(3).strip();
                String password = Files.readString(home.resolve("postgres/superuser-password"))
                        .strip();
                return DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/caravanserai", "postgres", password);
            } catch (IOException unreadable) {
                throw new SQLException(unreadable);
            }
        }

        private Path pidFile() {
            return home.resolve("postgres/data-17/postmaster.pid");
        }

        @Override
        public List<ProcessHandle> database() {
            return family(pidFile());
        }

        @Override
        public List<ProcessHandle> broker() {
            return List.of();
        }

        @Override
        public void restartDatabase() {
            // the hub's own duty
        }

        @Override
        public void restartBroker() {
            // it lives and dies with the hub
        }

        @Override
        public void close() {
            database().forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Those that the environment names. The database should be an empty one, made for this. */
    record Given(Map<String, String> settings) implements Parts {

        Given() {
            this(all());
        }

        private static Map<String, String> all() {
            Map<String, String> all = new HashMap<>(keys());
            System.getenv().forEach((name, value) -> {
                if (name.startsWith("SPRING_") || all.containsKey(name)) {
                    all.put(name, value);
                }
            });
            return all;
        }

        @Override
        public Connection connect() throws SQLException {
            return DriverManager.getConnection(
                    settings.get("SPRING_DATASOURCE_URL"),
                    settings.get("SPRING_DATASOURCE_USERNAME"),
                    settings.get("SPRING_DATASOURCE_PASSWORD"));
        }

        @Override
        public List<ProcessHandle> database() {
            return List.of();
        }

        @Override
        public List<ProcessHandle> broker() {
            return List.of();
        }

        @Override
        public void restartDatabase() {
            throw new UnsupportedOperationException("not ours");
        }

        @Override
        public void restartBroker() {
            throw new UnsupportedOperationException("not ours");
        }

        @Override
        public void close() {
            // they stay as they are
        }
    }
}
