package org.caravanserai.maintenance;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.stereotype.Component;

/**
 * The rows that this hub is really working on. A row may carry our lease although nobody works on it any more: the
 * database was away when the lease was to be given back. Such a row is not in here, and may be taken again at once.
 */
@Component
public class InFlight {

    private static final String ROW = "HubRowInFlight";

    private final Set<UUID> rows = ConcurrentHashMap.newKeySet();

    /** The row that an exchange is about now; null once it is done with it. */
    private record Current(AtomicReference<UUID> row) {

        Current(UUID row) {
            this(new AtomicReference<>(row));
        }
    }

    /**
     * Enters a row until the exchange is done, whichever way.
     *
     * @return false if this hub works on it already
     */
    public boolean enter(Exchange exchange, UUID row) {
        if (!rows.add(row)) {
            return false;
        }
        Current current = new Current(row);
        exchange.setProperty(ROW, current);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                leave(current);
            }
        });
        return true;
    }

    /**
     * The exchange is done with its row, before its own end: from now on another may enter it. For a row that is given back in
     * a transaction, call it inside, so that nobody finds the row free in the database and taken here.
     */
    public void leave(Exchange exchange) {
        if (exchange.getProperty(ROW) instanceof Current current) {
            leave(current);
        }
    }

    private void leave(Current current) {
        UUID row = current.row.getAndSet(null);
        if (row != null) {
            rows.remove(row);
        }
    }

    /**
     * The exchange is done with the row that it entered, or has left it already, and goes on with another.
     *
     * @return false if this hub works on that one already; the exchange then holds what it held
     */
    public boolean goOn(Exchange exchange, UUID row) {
        if (!rows.add(row)) {
            return false;
        }
        UUID before = exchange.getProperty(ROW, Current.class).row.getAndSet(row);
        if (before != null) {
            rows.remove(before);
        }
        return true;
    }
}
