package org.caravanserai.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.caravanserai.Ids;

/**
 * How fast webhooks leave while one endpoint in ten hangs: many events become due at once, as rows, and the verified requests
 * that arrive at the other endpoints are counted.
 */
final class Deliveries {

    private static final int ONE_IN = 10;
    private static final int ROUNDS = 3;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final String BODY =
            "{\"id\":\"%s\",\"type\":\"document.indexed\",\"timestamp\":\"%s\",\"tenantId\":\"%s\",\"data\":{\"id\":\"%s\",\"name\":\"bench.md\"}}";

    private final Settings settings;
    private final Ids ids = new Ids();

    Deliveries(Settings settings) {
        this.settings = settings;
    }

    /** True if each event arrived at each endpoint that is well, once. */
    boolean run() throws Exception {
        Report.line("deliveries: %s", settings);
        try (Scene scene = new Scene(settings)) {
            Report.line("hub is ready, its log is %s", scene.hub.log());
            int dead = settings.tenants() / ONE_IN;
            boolean well = true;
            for (int round = 0; round <= ROUNDS; round++) {
                for (int i = 0; i < dead; i++) {
                    scene.tenantSystem.hang("/hook/" + i);
                }
                well &= round(scene, dead, round == 0 ? "to warm up" : "round " + round);
            }
            return well;
        }
    }

    private boolean round(Scene scene, int dead, String name) throws SQLException {
        int each = settings.rate() * settings.seconds() / settings.tenants();
        long expected = (long) each * (settings.tenants() - dead);
        long before = scene.tenantSystem.verified.sum();
        long repeatsBefore = scene.ledger.repeats.sum();
        Cost cost = Cost.of(scene);
        long start = System.nanoTime();
        try (Connection connection = scene.parts.connect()) {
            store(scene, connection, each);
        }
        long stored = System.nanoTime();
        long arrived = 0;
        while (arrived < expected && System.nanoTime() - stored < PATIENCE_NANOS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            arrived = scene.tenantSystem.verified.sum() - before;
        }
        double seconds = (System.nanoTime() - stored) / 1e9;
        Report.line(
                "%s: %d of %d events at %d endpoints in %.1f s = %.0f/s, %d endpoints hang; stored in %.1f s, repeated %d",
                name,
                arrived,
                expected,
                settings.tenants() - dead,
                seconds,
                arrived / seconds,
                dead,
                (stored - start) / 1e9,
                scene.ledger.repeats.sum() - repeatsBefore);
        Cost.report(scene, cost, arrived);
        return arrived == expected;
    }

    private void store(Scene scene, Connection connection, int each) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("""
                insert into events (id, tenant_id, type, body, due_at, next_wake_at)
                  values (?, ?, 'document.indexed', ?, now(), now() + interval '1 second' * ?)""")) {
            for (String path : scene.tenants) {
                UUID tenant = UUID.fromString(path.substring(path.lastIndexOf('/') + 1));
                for (int i = 0; i < each; i++) {
                    UUID id = ids.next();
                    insert.setObject(1, id);
                    insert.setObject(2, tenant);
                    insert.setString(3, BODY.formatted(id, Instant.now(), tenant, id));
                    insert.setInt(4, i == 0 ? 0 : 10); // as after a commit: one wake-up has all of a tenant fanned out
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        }
        connection.commit();
    }
}
