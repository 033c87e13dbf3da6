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

    /**
     * Enters a row until the exchange is done, whichever way.
     *
     * @return false if this hub works on it already
     */
    public boolean enter(Exchange exchange, UUID row) {
        if (!rows.add(row)) {
            return false;
        }
        AtomicReference<UUID> current = new AtomicReference<>(row);
        exchange.setProperty(ROW, current);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                rows.remove(current.get());
            }
        });
        return true;
    }

    /**
     * The exchange is done with the row that it entered and goes on with another.
     *
     * @return false if this hub works on that one already; the exchange then still holds the first
     */
    public boolean goOn(Exchange exchange, UUID row) {
        if (!rows.add(row)) {
            return false;
        }
        AtomicReference<?> current = exchange.getProperty(ROW, AtomicReference.class);
        rows.remove(swap(current, row));
        return true;
    }

    @SuppressWarnings("unchecked") // it is always ours
    private static UUID swap(AtomicReference<?> current, UUID row) {
        return ((AtomicReference<UUID>) current).getAndSet(row);
    }
}
