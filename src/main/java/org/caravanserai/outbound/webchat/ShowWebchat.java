package org.caravanserai.outbound.webchat;

import org.apache.camel.Exchange;
import org.caravanserai.inbound.webchat.OpenSockets;
import org.caravanserai.inbound.webchat.Visitor;
import org.caravanserai.outbound.Send;
import org.springframework.stereotype.Component;

/** Sends to a page: the message is stored already, so whoever holds a socket of the visitor is told to look. */
@Component("showWebchat")
public class ShowWebchat {

    private final OpenSockets sockets;
    private final OtherHubs otherHubs;

    ShowWebchat(OpenSockets sockets, OtherHubs otherHubs) {
        this.sockets = sockets;
        this.otherHubs = otherHubs;
    }

    /** Nobody gives an id for it, so the body becomes null. */
    public void show(Exchange exchange) {
        Send send = exchange.getProperty("HubSend", Send.class);
        Visitor visitor = new Visitor(send.tenantId(), send.channel().id(), send.address());
        sockets.look(visitor);
        if (otherHubs.exist()) {
            otherHubs.tell(visitor, null);
        }
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(null);
    }
}
