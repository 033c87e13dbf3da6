package org.caravanserai.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.caravanserai.startup.StartupFailure;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data of an embedded PostgreSQL that the hub no longer works on, because it now brings another major version or was
 * given a database of the operator's own. It is copied into the hub's database, checked, and only then put aside.
 *
 * @param version the major version of PostgreSQL that wrote it
 */
record EarlierData(HubHome home, Path folder, int version) {

    private static final Logger LOG = LoggerFactory.getLogger(EarlierData.class);
    private static final Pattern FOLDER = Pattern.compile("data-(\\d{1,3})");

    /** What an embedded server of another version than this hub's left in the home. */
    static Optional<EarlierData> ofOtherVersion(HubHome home) {
        return only(all(home).stream()
                .filter(found -> found.version != PostgresBinaries.MAJOR_VERSION)
                .toList());
    }

    /** What an embedded server left in the home of a hub that has a database of its own by now. */
    static Optional<EarlierData> ofAnyVersion(HubHome home) {
        return only(all(home));
    }

    private static List<EarlierData> all(HubHome home) {
        Path parent = EmbeddedPostgres.folder(home);
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(parent)) {
            return found.flatMap(path -> {
                        Matcher name = FOLDER.matcher(path.getFileName().toString());
                        return name.matches()
                                ? Stream.of(new EarlierData(home, path, Integer.parseInt(name.group(1))))
                                : Stream.empty();
                    })
                    .toList();
        } catch (IOException unreadable) {
            throw new StartupFailure(
                    parent + " cannot be read: " + unreadable.getMessage(), "Let the hub's user read it.");
        }
    }

    private static Optional<EarlierData> only(List<EarlierData> found) {
        if (found.size() > 1) {
            throw new StartupFailure(
                    "The home holds the data of several PostgreSQL servers: "
                            + found.stream()
                                    .map(data -> data.folder.toString())
                                    .sorted()
                                    .toList() + ".",
                    "Start the hub once without SPRING_DATASOURCE_URL, so that an upgrade that was cut off ends; else move"
                            + " those folders away that are not in use.");
        }
        return found.stream().findFirst();
    }

    /**
     * Copies everything into the database that Flyway knows, which must be empty, and then puts the folder aside under
     * its name with the suffix. When it is cut off, it starts anew at the next start: the copy is one transaction.
     *
     * @throws StartupFailure if the programs of that version are gone, or the database has rows already
     */
    void moveInto(Flyway flyway, String suffix) {
        LOG.info("The data of PostgreSQL {} in {} is copied into the hub's database", version, folder);
        PostgresServer server = new PostgresServer(programs(), folder, EmbeddedPostgres.superuserPassword(home));
        try {
            server.start();
            try (Connection from = server.connect(EmbeddedPostgres.DATABASE)) {
                migrateAsFarAs(from, flyway);
                try (Connection to = flyway.getConfiguration().getDataSource().getConnection()) {
                    new CopyDatabase(from, to).copy();
                }
            } finally {
                server.stop();
            }
            Path aside = folder.resolveSibling(folder.getFileName() + "." + suffix);
            Files.move(folder, aside);
            LOG.info("All is copied. The old data is kept in {}; delete it when you no longer want it", aside);
        } catch (IOException | SQLException failed) {
            throw new StartupFailure(
                    "The data in " + folder + " could not be copied: " + failed.getMessage(),
                    "Nothing was changed in it. See " + server.log() + ", mend the cause and start the hub again.");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while data was copied", stopped);
        }
    }

    private Path programs() {
        try {
            return PostgresBinaries.ofVersion(EmbeddedPostgres.folder(home), version)
                    .orElseThrow(
                            () -> new StartupFailure(
                                    folder + " was written by PostgreSQL " + version
                                            + ", whose programs are no longer in " + EmbeddedPostgres.folder(home)
                                            + ".",
                                    "Start the version of the hub that wrote it once, which unpacks them again; then start this one."));
        } catch (IOException unreadable) {
            throw new StartupFailure(
                    "The programs of PostgreSQL " + version + " cannot be run: " + unreadable.getMessage(),
                    "Look into " + EmbeddedPostgres.folder(home) + ".");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL's version was asked for", stopped);
        }
    }

    /** The copy needs the tables as they are where it comes from; later migrations then meet the rows as usual. */
    private static void migrateAsFarAs(Connection from, Flyway flyway) throws SQLException {
        try (Statement statement = from.createStatement();
                ResultSet latest = statement.executeQuery("""
                        select version from flyway_schema_history where success and version is not null
                          order by installed_rank desc limit 1""")) {
            if (!latest.next()) {
                throw new SQLException("it has no schema of a hub");
            }
            Flyway.configure(flyway.getConfiguration().getClassLoader())
                    .configuration(flyway.getConfiguration())
                    .target(latest.getString(1))
                    .load()
                    .migrate();
        }
    }
}
