package org.caravanserai.inbound.generic;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import org.apache.camel.Exchange;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.inbound.DoorHead;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.OpenDoor;
import org.caravanserai.tenant.Channel;
import org.caravanserai.webhook.StandardWebhooks;
import org.springframework.stereotype.Component;

/** Checks what is posted to a generic channel: its signature, then whether it can be read. */
@Component("verifyGeneric")
public class VerifyGeneric implements DoorHead {

    private final NormaliseGeneric normalise;

    VerifyGeneric(NormaliseGeneric normalise) {
        this.normalise = normalise;
    }

    @Override
    public String channelType() {
        return "generic";
    }

    @Override
    public void check(HttpServletRequest request) {
        StandardWebhooks.checkHead(
                Collections.list(request.getHeaders("webhook-id")),
                Collections.list(request.getHeaders("webhook-timestamp")),
                Collections.list(request.getHeaders("webhook-signature")));
    }

    /**
     * Checks the Standard Webhooks signature with the channel's secret.
     *
     * @throws RejectedException 401 unless it is right and no older than 5 minutes
     */
    public void signature(Exchange exchange) {
        Channel channel = exchange.getProperty("HubChannel", Channel.class);
        StandardWebhooks.verify(
                (String) channel.config().get("secret"),
                OpenDoor.headers(exchange, "webhook-id"),
                OpenDoor.headers(exchange, "webhook-timestamp"),
                OpenDoor.headers(exchange, "webhook-signature"),
                exchange.getMessage().getBody(byte[].class));
    }

    /**
     * Checks that the body has what a message needs. The sender is a system that somebody is just connecting, so it is
     * told what is missing rather than ignored.
     *
     * @throws RejectedException 400 that names the field
     */
    public void shape(Exchange exchange) {
        Channel channel = exchange.getProperty("HubChannel", Channel.class);
        for (InboundEvent event :
                normalise.normalise(channel, exchange.getMessage().getBody(byte[].class))) {
            if (event instanceof InboundEvent.Ignored unreadable) {
                throw RejectedException.field(unreadable.reason().split(" ", 2)[0], unreadable.reason());
            }
        }
    }
}
