package org.caravanserai.database;

import com.zaxxer.hikari.HikariDataSource;
import org.caravanserai.startup.StartupFailure;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Sees to it that the hub's connections plan as its statements need, and that it works with a role that row-level security binds. Where the migrations could make the role
 * caravanserai_runtime, every pooled connection takes it on; else the user itself is bound (see afterMigrate.sql).
 */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    /**
     * Every statement of the hub reads few rows by an index. A plan that was made while a table was small, which scans it,
     * would stay with the connection while the table grows; so scans are for what has no index. They then look so costly
     * that PostgreSQL would compile them. A bitmap of an index is made of the entries of rows that are gone, too, and never
     * clears them away: for queues, which are read where rows come and go. And a statement has one plan, whatever its
     * parameters: planning it anew each time, as PostgreSQL does where parameters are arrays, costs as much as the work.
     */
    private static final String SETTINGS = """
            set enable_seqscan = off; set enable_bitmapscan = off; set jit = off; set plan_cache_mode = force_generic_plan;
            """;

    private static final String TAKE_ROLE = """
            do $$ begin
              if exists (select 1 from pg_roles where rolname = 'caravanserai_runtime')
                  and pg_has_role(session_user, 'caravanserai_runtime', 'member') then
                set role caravanserai_runtime;
              end if;
            end $$""";

    @Bean
    static BeanPostProcessor takeRuntimeRole() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof HikariDataSource pool) {
                    pool.setConnectionInitSql(SETTINGS + TAKE_ROLE);
                }
                return bean;
            }
        };
    }

    /** Checked once, at start. @throws StartupFailure if row-level security would mean nothing */
    @Bean
    RuntimeRole runtimeRole(JdbcClient jdbc) {
        RuntimeRole role = jdbc.sql("select current_user as name, not row_security_active('tenants') as unbound")
                .query(RuntimeRole.class)
                .single();
        if (role.unbound) {
            throw new StartupFailure(
                    "The database user works as role " + role.name
                            + ", which row-level security does not bind (a superuser,"
                            + " a role with BYPASSRLS, or the owner of the tables), so that nothing keeps tenants apart.",
                    "Set SPRING_DATASOURCE_USERNAME to an ordinary role that owns the database, or let this one create"
                            + " and take the role caravanserai_runtime.");
        }
        return role;
    }

    /** The role at run time. @param unbound true if row-level security does not bind it */
    record RuntimeRole(String name, boolean unbound) {}
}
