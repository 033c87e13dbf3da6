package org.caravanserai.failure;

import java.sql.SQLException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/** Tells the database's own failures, which pass, from those that the work itself brings about. */
public final class DatabaseFailures {

    private DatabaseFailures() {}

    /** Whether the database is away or too busy, so that the same work may well be done a moment later. */
    public static boolean isAway(Throwable failure) {
        return failure instanceof TransactionException
                || failure instanceof DataAccessResourceFailureException && !isTooMuch(failure)
                || failure instanceof RecoverableDataAccessException
                || failure instanceof TransientDataAccessException;
    }

    /** PostgreSQL's class 54, such as a value that is too long for its index: the work's fault each time, not a matter of time. */
    private static boolean isTooMuch(Throwable failure) {
        return NestedExceptionUtils.getMostSpecificCause(failure) instanceof SQLException database
                && database.getSQLState() != null
                && database.getSQLState().startsWith("54");
    }
}
