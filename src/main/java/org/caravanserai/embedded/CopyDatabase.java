package org.caravanserai.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.caravanserai.startup.StartupFailure;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies every row of a hub's database into an empty one that has the same schema, in one transaction. */
final class CopyDatabase {

    private static final Logger LOG = LoggerFactory.getLogger(CopyDatabase.class);
    private static final String TABLES = """
            select c.oid::regclass::text as name, c.relforcerowsecurity as forced from pg_class c
              where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'flyway_schema_history'
              order by 1""";

    private final Connection from;
    private final Connection to;

    private record Table(String name, boolean isForced) {}

    private record Reference(String from, String to) {}

    /**
     * @param from a superuser's, whom row-level security does not hold back
     * @param to the owner's
     */
    CopyDatabase(Connection from, Connection to) {
        this.from = from;
        this.to = to;
    }

    /**
     * Copies, or finds that an earlier attempt got that far.
     *
     * @throws StartupFailure if there are rows of another origin
     */
    void copy() throws SQLException {
        String origin = "copied from " + first(from, "select system_identifier from pg_control_system()");
        to.setAutoCommit(false);
        if (origin.equals(first(to, "select obj_description('tenants'::regclass)"))) {
            return;
        }
        List<Table> tables = inOrderOfReferences();
        for (Table table : tables) {
            // COPY does not work under a policy; the owner is put under them again below, before anybody sees the rows
            if (table.isForced) {
                execute("alter table " + table.name + " no force row level security");
            }
            refuseRows(table.name);
        }
        for (Table table : tables) {
            LOG.info("Table {}: {} rows are copied", table.name, copy(table.name));
        }
        for (String sequence : rows(to, "select oid::regclass::text from pg_class where relkind = 'S'")) {
            String next = first(from, "select coalesce(pg_sequence_last_value('" + sequence + "'), 0)");
            if (!next.equals("0")) {
                execute("select setval('" + sequence + "', " + next + ")");
            }
        }
        for (Table table : tables) {
            if (table.isForced) {
                execute("alter table " + table.name + " force row level security");
            }
        }
        execute("comment on table tenants is '" + origin + "'");
        to.commit();
    }

    private long copy(String table) throws SQLException {
        String columns = first(
                to,
                "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
                        + " where attrelid = '" + table
                        + "'::regclass and attnum > 0 and not attisdropped and attgenerated = ''");
        String what = table + " (" + columns + ")";
        CopyOut out = from.unwrap(PGConnection.class).getCopyAPI().copyOut("copy " + what + " to stdout");
        CopyIn in = to.unwrap(PGConnection.class).getCopyAPI().copyIn("copy " + what + " from stdin");
        for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
            in.writeToCopy(row, 0, row.length);
        }
        long written = in.endCopy();
        if (written != out.getHandledRowCount()) {
            throw new SQLException(
                    "of " + out.getHandledRowCount() + " rows of " + table + " only " + written + " arrived");
        }
        return written;
    }

    private void refuseRows(String table) throws SQLException {
        if (first(to, "select exists (select 1 from " + table + ")").equals("t")) {
            throw new StartupFailure(
                    "The database that the embedded data is to be copied into is not empty: it has rows in " + table
                            + ".",
                    "Give the hub an empty database, or leave the embedded data where it is: unset"
                            + " HUB_MOVE_EMBEDDED_DATA.");
        }
    }

    private List<Table> inOrderOfReferences() throws SQLException {
        List<Table> left = new ArrayList<>();
        try (Statement statement = to.createStatement();
                ResultSet found = statement.executeQuery(TABLES)) {
            while (found.next()) {
                left.add(new Table(found.getString(1), found.getBoolean(2)));
            }
        }
        Set<Reference> references = references();
        Set<Table> ordered = new LinkedHashSet<>();
        while (!left.isEmpty()) {
            List<Table> ready = left.stream()
                    .filter(table -> left.stream()
                            .noneMatch(other ->
                                    !other.equals(table) && references.contains(new Reference(table.name, other.name))))
                    .toList();
            if (ready.isEmpty()) {
                throw new SQLException("the tables refer to one another in a circle: " + left);
            }
            ordered.addAll(ready);
            left.removeAll(ready);
        }
        return List.copyOf(ordered);
    }

    private Set<Reference> references() throws SQLException {
        Set<Reference> references = new LinkedHashSet<>();
        try (Statement statement = to.createStatement();
                ResultSet found = statement.executeQuery(
                        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint where contype = 'f'")) {
            while (found.next()) {
                references.add(new Reference(found.getString(1), found.getString(2)));
            }
        }
        return references;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = to.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String first(Connection connection, String sql) throws SQLException {
        return rows(connection, sql).getFirst();
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                rows.add(String.valueOf(found.getString(1)));
            }
        }
        return rows;
    }
}
