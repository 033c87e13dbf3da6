package org.caravanserai.inbound;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.caravanserai.wakeup.WakeUp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Commits what a door has verified as inbox rows. The door answers 2xx only after this. */
@Component("storeInbox")
public class StoreInbox {

    private static final Logger LOG = LoggerFactory.getLogger(StoreInbox.class);

    private final InboxWriter inbox;
    private final Channels channels;
    private final DoorLimits limits;
    private final ObjectMapper json;

    StoreInbox(InboxWriter inbox, Channels channels, DoorLimits limits, ObjectMapper json) {
        this.limits = limits;
        this.inbox = inbox;
        this.channels = channels;
        this.json = json;
    }

    /**
     * Stores the body for the door's own channel.
     *
     * @return the channels whose inbox is to be read, as wake-ups; none if the event was stored before, or if a reader that
     *     is at work, or woken by one that came with it, finds it
     * @throws RejectedException 400 if the body is no JSON object, 429 if the channel has reached its limit
     */
    public List<String> own(Exchange exchange) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        parse(body);
        return store(exchange, List.of(exchange.getProperty("HubChannel", Channel.class)), body);
    }

    /** Stores a WhatsApp payload: for the door's own channel, or at the shared door for each channel that it names. */
    public List<String> whatsapp(Exchange exchange) {
        return exchange.getProperty("HubChannel") == null ? sharedWhatsapp(exchange) : own(exchange);
    }

    /**
     * Stores the body once for each channel whose {@code phone_number_id} it names. A number that is nobody's here is
     * ignored: Meta would send it again for days.
     *
     * @throws RejectedException 400 if the body is no JSON object, 429 if one of the channels has reached its limit; it is
     *     stored for the others, once, however often it is sent
     */
    List<String> sharedWhatsapp(Exchange exchange) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        Set<String> numbers = new LinkedHashSet<>();
        for (JsonNode entry : parse(body).path("entry")) {
            for (JsonNode change : entry.path("changes")) {
                JsonNode number = change.at("/value/metadata/phone_number_id");
                if (number.isTextual() && numbers.size() < 1000) {
                    numbers.add(number.textValue());
                }
            }
        }
        List<Channel> known = numbers.stream()
                .flatMap(number -> channels.findByAddress("whatsapp", number).stream())
                .filter(c -> c.enabled() && c.tenantEnabled())
                .toList();
        if (known.size() < numbers.size() || numbers.isEmpty()) {
            LOG.info("A payload at the shared WhatsApp door was for no channel of this hub, in part or whole; ignored");
        }
        return store(exchange, known, body);
    }

    private List<String> store(Exchange exchange, List<Channel> targets, byte[] body) {
        List<Channel> within = targets.stream()
                .filter(channel -> limits.admits(channel, exchange))
                .toList();
        String key = digest(body);
        List<String> stored = within.stream()
                .filter(channel -> inbox.append(channel, key, "application/json", body))
                .map(channel -> wakeUp(channel.tenantId(), channel.id()))
                .toList();
        if (within.size() < targets.size()) {
            throw DoorLimits.tooMany(exchange);
        }
        return stored;
    }

    private static String wakeUp(UUID tenantId, UUID channelId) {
        return new WakeUp(tenantId, channelId).toString();
    }

    private JsonNode parse(byte[] body) {
        try {
            JsonNode root = json.readTree(body);
            if (root != null && root.isObject()) {
                return root;
            }
            throw new RejectedException(400, "The body is not a JSON object.");
        } catch (JsonProcessingException malformed) {
            throw new RejectedException(
                    400, "The body is not JSON that can be read: " + malformed.getOriginalMessage());
        } catch (IOException undecodable) {
            throw new RejectedException(400, "The body is not JSON in UTF-8.");
        }
    }

    private static String digest(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
