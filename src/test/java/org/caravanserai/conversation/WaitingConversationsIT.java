package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.caravanserai.HubIT;
import org.caravanserai.tenant.SqlArray;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who is next. Everything happens in a transaction that is taken back, out of sight of the hub that runs. */
class WaitingConversationsIT extends HubIT {

    private static final class TakenBack extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private record Row(UUID tenantId, UUID id) {}

    @Test
    void eachTenantHasItsTurnHoweverMuchOneHas() {
        takenBack(jdbc -> {
            UUID loud = tenant(jdbc, 20);
            UUID quiet = tenant(jdbc, 2);
            UUID other = tenant(jdbc, 1);

            List<Row> next = take(jdbc, null, List.of(), 6, 6);

            assertThat(next).hasSize(6);
            assertThat(next).filteredOn(row -> row.tenantId.equals(loud)).hasSize(3);
            assertThat(next).filteredOn(row -> row.tenantId.equals(quiet)).hasSize(2);
            assertThat(next).filteredOn(row -> row.tenantId.equals(other)).hasSize(1);
        });
    }

    @Test
    void oneAtATimeTheTurnGoesRound() {
        takenBack(jdbc -> {
            List<UUID> tenants = List.of(tenant(jdbc, 5), tenant(jdbc, 5), tenant(jdbc, 5));
            List<UUID> served = new ArrayList<>();

            UUID last = null;
            for (int i = 0; i < 9; i++) {
                Row next = take(jdbc, last, List.of(), 1, 1).getFirst();
                last = next.tenantId;
                served.add(last);
            }

            assertThat(served.subList(0, 3)).containsExactlyInAnyOrderElementsOf(tenants);
            assertThat(served.subList(3, 6)).isEqualTo(served.subList(0, 3));
            assertThat(served.subList(6, 9)).isEqualTo(served.subList(0, 3));
        });
    }

    @Test
    void whoHasItsShareComesLastAndGetsNoMoreThanIsSpare() {
        takenBack(jdbc -> {
            UUID loud = tenant(jdbc, 20);
            UUID quiet = tenant(jdbc, 2);

            List<Row> next = take(jdbc, null, List.of(loud), 1, 10);
            List<Row> none = take(jdbc, null, List.of(loud), 0, 10);

            assertThat(next).extracting(Row::tenantId).containsExactlyInAnyOrder(quiet, quiet, loud);
            assertThat(none).isEmpty();
        });
    }

    @Test
    void nothingIsTakenTwiceAndTheOldestComeFirst() {
        takenBack(jdbc -> {
            UUID tenant = tenant(jdbc, 7);
            List<UUID> oldestFirst = jdbc.sql("select id from conversations where tenant_id = ? order by waiting_since")
                    .param(tenant)
                    .query(UUID.class)
                    .list();

            List<UUID> first = ids(take(jdbc, null, List.of(), 4, 4));
            List<UUID> rest = ids(take(jdbc, tenant, List.of(), 100, 100));

            assertThat(first).containsExactlyInAnyOrderElementsOf(oldestFirst.subList(0, 4));
            assertThat(rest).containsExactlyInAnyOrderElementsOf(oldestFirst.subList(4, 7));
            assertThat(take(jdbc, null, List.of(), 100, 100)).isEmpty();
        });
    }

    private static List<UUID> ids(List<Row> rows) {
        return rows.stream().map(Row::id).toList();
    }

    private static List<Row> take(JdbcClient jdbc, UUID after, List<UUID> crowded, int spare, int limit) {
        return jdbc.sql("select tenant_id, id from hub_take_waiting_conversations(?, ?, ?, ?)")
                .param(after)
                .param(SqlArray.of("uuid", crowded))
                .param(spare)
                .param(limit)
                .query(Row.class)
                .list();
    }

    private UUID tenant(JdbcClient jdbc, int waiting) {
        UUID tenant = ids.next();
        UUID channel = ids.next();
        jdbc.sql("select set_config('hub.tenant', ?, true)")
                .param(tenant.toString())
                .query((row, n) -> null)
                .list();
        jdbc.sql("insert into tenants (id, name) values (?, 'A tenant')")
                .param(tenant)
                .update();
        jdbc.sql("insert into channels (id, tenant_id, type, name) values (?, ?, 'whatsapp', 'Line')")
                .params(channel, tenant)
                .update();
        for (int i = 0; i < waiting; i++) {
            UUID contact = ids.next();
            jdbc.sql("insert into contacts (id, tenant_id, channel_id, address) values (?, ?, ?, ?)")
                    .params(contact, tenant, channel, "+49" + i)
                    .update();
            jdbc.sql("""
                    insert into conversations (id, tenant_id, channel_id, contact_id, due_at, waiting_since)
                      values (?, ?, ?, ?, now(), now() - interval '1 second' * ?)""").params(ids.next(), tenant, channel, contact, 100 - i).update();
        }
        return tenant;
    }

    private void takenBack(java.util.function.Consumer<JdbcClient> work) {
        try {
            transactions.acrossTenants(jdbc -> {
                work.accept(jdbc);
                throw new TakenBack();
            });
        } catch (TakenBack meant) {
            assertThat(meant).hasNoCause();
        }
    }
}
