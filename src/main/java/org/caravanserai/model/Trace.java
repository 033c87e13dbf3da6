package org.caravanserai.model;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.caravanserai.timeline.Hop;

/** The hops of an exchange, kept in its property {@code HubTrace} until they are written with the reply. */
final class Trace {

    private static final String PROPERTY = "HubTrace";

    private Trace() {}

    @SuppressWarnings("unchecked")
    static void add(Exchange exchange, Hop hop) {
        List<Hop> hops = exchange.getProperty(PROPERTY, List.class);
        if (hops == null) {
            hops = new ArrayList<>();
            exchange.setProperty(PROPERTY, hops);
        }
        hops.add(hop);
    }
}
