package org.caravanserai.inbound.webchat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.Normaliser;
import org.caravanserai.inbound.Texts;
import org.caravanserai.tenant.Channel;
import org.springframework.stereotype.Component;

/** Reads what {@link ReceiveFrames} stored. */
@Component
class NormaliseWebchat implements Normaliser {

    private final ObjectMapper json;

    NormaliseWebchat(ObjectMapper json) {
        this.json = json;
    }

    @Override
    public String channelType() {
        return WebchatChannelType.NAME;
    }

    @Override
    public List<InboundEvent> normalise(Channel channel, byte[] body) {
        try {
            JsonNode said = json.readTree(body);
            String address = said.path("address").asText();
            // a visitor makes the ids, so each is theirs alone
            return List.of(new InboundEvent.Received(
                    address + "/" + said.path("id").asText(),
                    address,
                    null,
                    "text",
                    Texts.storable(said.path("text").asText()),
                    List.of(),
                    Instant.now()));
        } catch (IOException unreadable) {
            throw new RejectedException(400, "The body is not JSON that can be read.");
        }
    }
}
