package org.caravanserai.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * What one message costs while the hub's data grows: by tenants that are there, then by messages that are stored. What is
 * added is rows, as the hub would have stored them; the traffic is the same at each point.
 */
final class Curve {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int[] TENANTS = {1_000, 10_000};
    private static final int[] MESSAGES = {10_000, 100_000, 1_000_000};
    private static final int MESSAGES_OF_A_CONTACT = 20;

    private final Settings settings;

    Curve(Settings settings) {
        this.settings = settings;
    }

    /** True if nothing was lost, doubled or reordered; the figures are for a reader to judge. */
    boolean run() throws Exception {
        Report.line("curve: %s", settings);
        try (Scene scene = new Scene(settings);
                Traffic traffic = new Traffic(scene);
                Connection connection = scene.parts.connect()) {
            Report.line("hub is ready, its log is %s", scene.hub.log());
            traffic.run(settings.rate(), settings.warmUp());
            boolean through = settle(scene, traffic);
            measure(scene, traffic, settings.tenants(), 0);
            int tenants = settings.tenants();
            for (int more : TENANTS) {
                addTenants(connection, more - tenants);
                tenants = more;
                measure(scene, traffic, tenants, 0);
            }
            int messages = 0;
            for (int more : MESSAGES) {
                addMessages(scene, connection, messages, more);
                messages = more;
                measure(scene, traffic, tenants, messages);
            }
            through &= settle(scene, traffic);
            List<String> faults = scene.ledger.faults();
            if (!through) {
                faults.add("NOT THROUGH: nothing moved for " + PATIENCE.toSeconds() + " s");
            }
            return Report.verdict(faults);
        }
    }

    private void measure(Scene scene, Traffic traffic, int tenants, int messages) {
        ConcurrentHistogram micros = scene.ledger.endToEndMicros;
        traffic.run(settings.rate(), 5);
        settle(scene, traffic);
        micros.reset();
        Cost before = Cost.of(scene);
        long accepted = scene.ledger.accepted.sum();
        scene.ledger.measuring = true;
        traffic.run(settings.rate(), settings.seconds());
        settle(scene, traffic);
        scene.ledger.measuring = false;
        Report.line("%d tenants, %d messages stored before", tenants, messages);
        Report.latency("end to end", micros);
        Cost.report(scene, before, scene.ledger.accepted.sum() - accepted);
    }

    /** True once each post has its answer and all that was accepted is through. */
    private static boolean settle(Scene scene, Traffic traffic) {
        return traffic.awaitAccepted(60) && scene.settle(PATIENCE);
    }

    /** Tenants with a channel and an endpoint each, which nobody writes to. */
    private static void addTenants(Connection connection, int count) throws SQLException {
        execute(connection, """
                with made as (
                  insert into tenants (id, name) select gen_random_uuid(), 'Idle ' || n from generate_series(1, %d) n returning id
                ), lines as (
                  insert into channels (id, tenant_id, type, name, address)
                    select gen_random_uuid(), id, 'whatsapp', 'Line', 'idle-' || id from made
                )
                insert into webhooks (id, tenant_id, url, events, secret)
                  select gen_random_uuid(), id, 'https://example.com/' || id, '{*}', '\\x00' from made""".formatted(count));
    }

    /** Old exchanges of the tenants that are written to: question and reply, with their timeline. */
    private static void addMessages(Scene scene, Connection connection, int from, int to) throws SQLException {
        int each = (to - from) / scene.tenants.size();
        for (String path : scene.tenants) {
            UUID tenant = UUID.fromString(path.substring(path.lastIndexOf('/') + 1));
            try (PreparedStatement insert =
                    connection.prepareStatement("""
                    with people as (
                      insert into contacts (id, tenant_id, channel_id, address)
                        select gen_random_uuid(), t.id, c.id, 'old-%d-' || n
                          from tenants t join channels c on c.tenant_id = t.id, generate_series(1, ?) n where t.id = ?
                        returning id, tenant_id, channel_id
                    ), talks as (
                      insert into conversations (id, tenant_id, channel_id, contact_id, last_position)
                        select gen_random_uuid(), tenant_id, channel_id, id, %d from people
                        returning id, tenant_id, channel_id
                    ), written as (
                      insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                          status, external_id, answered_by)
                        select gen_random_uuid(), tenant_id, id, channel_id, n,
                            case n %% 2 when 1 then 'inbound' else 'outbound' end,
                            case n %% 2 when 1 then 'contact' else 'model' end, 'text', 'When does the library open on Saturday?',
                            case n %% 2 when 1 then 'received' else 'delivered' end, 'old.' || id || '.' || n,
                            case n %% 2 when 1 then id end
                          from talks, generate_series(1, %d) n
                        returning id, tenant_id
                    )
                    insert into timeline (tenant_id, message_id, stage, outcome)
                      select tenant_id, id, stage, 'ok' from written, unnest(array['received', 'stored', 'delivered']) stage""".formatted(from, MESSAGES_OF_A_CONTACT, MESSAGES_OF_A_CONTACT))) {
                insert.setInt(1, each / MESSAGES_OF_A_CONTACT);
                insert.setObject(2, tenant);
                insert.executeUpdate();
            }
        }
        execute(connection, "analyze");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
