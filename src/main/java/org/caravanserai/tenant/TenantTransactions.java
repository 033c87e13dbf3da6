package org.caravanserai.tenant;

import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The one way to the database. Each piece of work is a transaction that belongs to one tenant: row-level security hides
 * the rows of all others, and of everybody when no tenant is set. Nothing that waits for the network may run inside.
 */
@Component
public class TenantTransactions {

    private final TransactionTemplate transactions;
    private final JdbcClient jdbc;

    TenantTransactions(PlatformTransactionManager transactionManager, JdbcClient jdbc) {
        this.transactions = new TransactionTemplate(transactionManager);
        this.jdbc = jdbc;
    }

    /** Runs the work as one transaction that sees the rows of this tenant only. */
    public <T> T in(UUID tenantId, Function<JdbcClient, T> work) {
        Objects.requireNonNull(tenantId, "a transaction needs its tenant");
        return transactions.execute(status -> {
            jdbc.sql("select set_config('hub.tenant', ?, true)")
                    .param(tenantId.toString())
                    .query((row, n) -> null)
                    .list();
            return work.apply(jdbc);
        });
    }

    /** As {@link #in}, for work that gives nothing back. */
    public void run(UUID tenantId, Consumer<JdbcClient> work) {
        in(tenantId, jdbc -> {
            work.accept(jdbc);
            return null;
        });
    }

    /**
     * Runs the work as one transaction without a tenant: every tenant's rows are hidden, so only the {@code hub_*}
     * functions of the first migration, and tables that are no tenant's, are of use.
     */
    public <T> T acrossTenants(Function<JdbcClient, T> work) {
        return transactions.execute(status -> work.apply(jdbc));
    }
}
