package org.caravanserai.inbound.whatsapp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import org.caravanserai.inbound.ReplayPayload;
import org.caravanserai.tenant.Channel;
import org.springframework.stereotype.Component;

/** Addresses a recorded event to the channel's own number, and signs it with the channel's app secret. */
@Component
class ReplayWhatsapp implements ReplayPayload {

    private final ObjectMapper json;

    ReplayWhatsapp(ObjectMapper json) {
        this.json = json;
    }

    @Override
    public String type() {
        return "whatsapp";
    }

    @Override
    public Request prepare(Channel channel, byte[] recorded) throws IOException {
        JsonNode event = json.readTree(recorded);
        for (JsonNode metadata : event.findValues("metadata")) {
            if (metadata instanceof ObjectNode object && object.has("phone_number_id")) {
                object.put("phone_number_id", String.valueOf(channel.config().get("phoneNumberId")));
            }
        }
        byte[] body = json.writeValueAsBytes(event);
        String secret = String.valueOf(channel.config().get("appSecret"));
        return new Request(
                body,
                Map.of("Content-Type", "application/json", "X-Hub-Signature-256", VerifyWhatsapp.sign(secret, body)));
    }
}
