package org.caravanserai.tenant;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.caravanserai.failure.RetryableException;
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

    private static final String ENTER = "select set_config('hub.tenant', ?, true)";
    private static final String ENTER_ALONE = ENTER + ", pg_advisory_xact_lock(hashtextextended(?, 0))";

    /** Connections that tenants' work leaves to the doors and the sweep, which may not wait behind it. */
    private static final int RESERVED = 4;

    private static final long LONGEST_WAIT_SECONDS = 30;

    private final TransactionTemplate transactions;
    private final JdbcClient jdbc;
    private final TurnsByTenant places;

    TenantTransactions(
            PlatformTransactionManager transactionManager, JdbcClient jdbc, HikariDataSource pool, BusyDoors doors) {
        this.transactions = new TransactionTemplate(transactionManager);
        this.jdbc = jdbc;
        this.places = new TurnsByTenant(Math.max(1, pool.getMaximumPoolSize() - RESERVED), doors::are);
    }

    /**
     * Runs the work as one transaction that sees the rows of this tenant only. Thousands of virtual threads may ask at
     * once, so they queue here, by turns of their tenants, and not for the pool, whose wait is as short as a door's.
     *
     * @throws RetryableException if it could not begin within 30 s
     */
    public <T> T in(UUID tenantId, Function<JdbcClient, T> work) {
        return inTurn(tenantId, null, work);
    }

    /**
     * As {@link #in}, alone: until it is over, other work under the same lock waits, on every hub. What the work reads it
     * reads after it has the lock.
     */
    public <T> T alone(UUID tenantId, UUID lock, Function<JdbcClient, T> work) {
        return inTurn(tenantId, Objects.requireNonNull(lock, "a lock needs its name"), work);
    }

    private <T> T inTurn(UUID tenantId, UUID lock, Function<JdbcClient, T> work) {
        Objects.requireNonNull(tenantId, "a transaction needs its tenant");
        take(tenantId);
        try {
            return begin(tenantId, lock, work);
        } finally {
            places.leave(tenantId);
        }
    }

    /** As {@link #in}, for the short reads of doors, which may not queue behind tenants' work: waits for the pool only. */
    public <T> T atDoor(UUID tenantId, Function<JdbcClient, T> work) {
        return begin(Objects.requireNonNull(tenantId, "a transaction needs its tenant"), null, work);
    }

    private <T> T begin(UUID tenantId, UUID lock, Function<JdbcClient, T> work) {
        return transactions.execute(status -> {
            jdbc.sql(lock == null ? ENTER : ENTER_ALONE)
                    .params(lock == null ? List.of(tenantId.toString()) : List.of(tenantId.toString(), lock.toString()))
                    .query((row, n) -> null)
                    .list();
            return work.apply(jdbc);
        });
    }

    private void take(UUID tenantId) {
        try {
            if (!places.enter(tenantId, LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new RetryableException("The database is too busy. Try again later.", null);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        }
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

    /** As {@link #acrossTenants}, for one statement: it is a transaction by itself, without the trips that begin and end one. */
    public <T> T oneAcrossTenants(Function<JdbcClient, T> statement) {
        return statement.apply(jdbc);
    }
}
