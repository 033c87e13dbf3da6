package org.caravanserai.inbound.generic;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.caravanserai.Ids;
import org.caravanserai.inbound.ReplayPayload;
import org.caravanserai.tenant.Channel;
import org.caravanserai.webhook.StandardWebhooks;
import org.springframework.stereotype.Component;

/** Signs a recorded message as Standard Webhooks asks, with the channel's secret and the time of now. */
@Component
class ReplayGeneric implements ReplayPayload {

    private final Ids ids;

    ReplayGeneric(Ids ids) {
        this.ids = ids;
    }

    @Override
    public String type() {
        return "generic";
    }

    @Override
    public Request prepare(Channel channel, byte[] recorded) {
        String id = "msg_" + ids.next();
        Instant now = Instant.now();
        String secret = String.valueOf(channel.config().get("secret"));
        return new Request(
                recorded,
                Map.of(
                        "Content-Type",
                        "application/json",
                        "webhook-id",
                        id,
                        "webhook-timestamp",
                        Long.toString(now.getEpochSecond()),
                        "webhook-signature",
                        StandardWebhooks.sign(List.of(secret), id, now, recorded)));
    }
}
