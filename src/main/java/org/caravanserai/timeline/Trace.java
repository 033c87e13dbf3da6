package org.caravanserai.timeline;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/** The hops of work whose rows are written at its end, kept in the exchange property {@code HubTrace}. */
public final class Trace {

    private static final String PROPERTY = "HubTrace";

    private Trace() {}

    public static void add(Exchange exchange, Hop hop) {
        List<Hop> hops = new ArrayList<>(of(exchange));
        hops.add(hop);
        exchange.setProperty(PROPERTY, List.copyOf(hops));
    }

    /** The hops so far, oldest first. */
    @SuppressWarnings("unchecked")
    public static List<Hop> of(Exchange exchange) {
        List<Hop> hops = exchange.getProperty(PROPERTY, List.class);
        return hops == null ? List.of() : hops;
    }
}
