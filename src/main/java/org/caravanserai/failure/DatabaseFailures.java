package org.caravanserai.failure;

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
                || failure instanceof DataAccessResourceFailureException
                || failure instanceof RecoverableDataAccessException
                || failure instanceof TransientDataAccessException;
    }
}
