package org.caravanserai.door;

import org.apache.coyote.http11.Http11NioProtocol;

/** HTTP/1.1 over connections that are watched. Made by Tomcat, by its class name. */
public final class WatchedProtocol extends Http11NioProtocol {

    /** Called by Tomcat. */
    public WatchedProtocol() {
        super(new WatchedEndpoint());
    }

    void watchBy(Connections all) {
        ((WatchedEndpoint) getEndpoint()).watchBy(all);
    }
}
