package org.caravanserai.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.caravanserai.administration.OnApi;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** Attacks row-level security in SQL, as a forgotten WHERE would. */
class TenantIsolationIT extends OnApi {

    private List<String> tenantTables() {
        return transactions.acrossTenants(
                jdbc -> jdbc.sql("""
                        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                          join pg_attribute a on a.attrelid = c.oid
                          where n.nspname = 'public' and c.relkind in ('r', 'p') and not a.attisdropped
                            and a.attname = 'tenant_id' order by 1""").query(String.class).list());
    }

    private UUID tenantWithRows() {
        UUID tenant = newTenant();
        transactions.run(tenant, jdbc -> {
            jdbc.sql("insert into channels (id, tenant_id, type, name) values (?, ?, 'generic', 'Site')")
                    .params(ids.next(), tenant)
                    .update();
            jdbc.sql("insert into api_keys (id, tenant_id, name, prefix, hash) values (?, ?, 'k', 'p', ?)")
                    .params(ids.next(), tenant, tenant.toString().getBytes())
                    .update();
            jdbc.sql("insert into events (id, tenant_id, type, body) values (?, ?, 'x', '{}')")
                    .params(ids.next(), tenant)
                    .update();
        });
        return tenant;
    }

    @Test
    void guardsEveryTableThatHoldsTenantsData() {
        List<String> tables = tenantTables();

        List<String> unguarded = transactions.acrossTenants(jdbc ->
                jdbc.sql("""
                        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                          where n.nspname = 'public' and c.relkind in ('r', 'p')
                            and (c.relname = 'tenants' or c.relname in (:tables))
                            and (not c.relrowsecurity
                              or not exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polcmd = '*')
                              or (c.relowner = (select oid from pg_roles where rolname = current_user)
                                and not c.relforcerowsecurity))""").param("tables", tables).query(String.class).list());

        assertThat(tables).contains("channels", "messages", "chunks", "api_keys", "inbox", "timeline");
        assertThat(unguarded).isEmpty();
    }

    @Test
    void worksAsARoleThatRowLevelSecurityBinds() {
        boolean unbound = transactions.acrossTenants(
                jdbc -> jdbc.sql("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
                        .query(Boolean.class)
                        .single());

        assertThat(unbound).isFalse();
    }

    @Test
    void showsNothingWithoutATenant() {
        tenantWithRows();

        for (String table : tenantTables()) {
            int rows = transactions.acrossTenants(jdbc -> jdbc.sql("select count(*) from " + table)
                    .query(Integer.class)
                    .single());
            assertThat(rows).as(table).isZero();
        }
        assertThat(transactions.<Integer>acrossTenants(jdbc -> jdbc.sql("select count(*) from tenants")
                        .query(Integer.class)
                        .single()))
                .isZero();
    }

    @Test
    void showsATenantItsOwnRowsOnly() {
        UUID mine = tenantWithRows();
        tenantWithRows();

        for (String table : tenantTables()) {
            List<UUID> owners = transactions.in(mine, jdbc -> jdbc.sql("select distinct tenant_id from " + table)
                    .query(UUID.class)
                    .list());
            assertThat(owners).as(table).isSubsetOf(mine);
        }
        assertThat(transactions.<Integer>in(mine, jdbc -> jdbc.sql("select count(*) from channels")
                        .query(Integer.class)
                        .single()))
                .isEqualTo(1);
        assertThat(transactions.<List<UUID>>in(mine, jdbc -> jdbc.sql("select id from tenants")
                        .query(UUID.class)
                        .list()))
                .containsExactly(mine);
    }

    @Test
    void neitherInsertsNorMovesNorChangesRowsOfAnother() {
        UUID mine = tenantWithRows();
        UUID other = tenantWithRows();

        assertThatThrownBy(() -> transactions.run(mine, jdbc -> jdbc.sql(
                                "insert into events (id, tenant_id, type, body) values (?, ?, 'x', '{}')")
                        .params(ids.next(), other)
                        .update()))
                .isInstanceOf(DataAccessException.class);
        assertThatThrownBy(() -> transactions.run(mine, jdbc -> jdbc.sql("update channels set tenant_id = ?")
                        .param(other)
                        .update()))
                .isInstanceOf(DataAccessException.class);
        assertThatThrownBy(
                        () -> transactions.run(mine, jdbc -> jdbc.sql("insert into tenants (id, name) values (?, 'x')")
                                .param(ids.next())
                                .update()))
                .isInstanceOf(DataAccessException.class);
        int changed = transactions.in(mine, jdbc -> jdbc.sql("update channels set name = 'taken' where tenant_id = ?")
                .param(other)
                .update());
        int deleted = transactions.in(mine, jdbc -> jdbc.sql("delete from tenants where id = ?")
                .param(other)
                .update());

        assertThat(changed).isZero();
        assertThat(deleted).isZero();
        assertThat(transactions.<String>in(other, jdbc -> jdbc.sql("select name from channels")
                        .query(String.class)
                        .single()))
                .isEqualTo("Site");
    }

    @Test
    void leavesNoTenantBehindOnThePooledConnection() {
        UUID mine = tenantWithRows();

        for (int i = 0; i < 30; i++) {
            transactions.run(
                    mine, jdbc -> jdbc.sql("select 1").query(Integer.class).single());
            assertThat(transactions.<Integer>acrossTenants(jdbc -> jdbc.sql("select count(*) from channels")
                            .query(Integer.class)
                            .single()))
                    .isZero();
        }
    }

    @Test
    void cannotGiveItselfAWiderScope() {
        UUID mine = tenantWithRows();
        tenantWithRows();

        int seen = transactions.in(mine, jdbc -> {
            boolean hasSecondRole = jdbc.sql("select current_user = 'caravanserai_runtime'")
                    .query(Boolean.class)
                    .single();
            if (hasSecondRole) {
                jdbc.sql("select set_config('hub.scope', 'all', true)")
                        .query(String.class)
                        .single();
            }
            return jdbc.sql("select count(*) from channels")
                    .query(Integer.class)
                    .single();
        });

        assertThat(seen).isEqualTo(1);
    }
}
