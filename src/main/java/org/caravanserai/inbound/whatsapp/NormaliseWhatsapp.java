package org.caravanserai.inbound.whatsapp;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.caravanserai.Ids;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.InboundEvent.Ignored;
import org.caravanserai.inbound.InboundEvent.Received;
import org.caravanserai.inbound.InboundEvent.StatusChanged;
import org.caravanserai.inbound.Normaliser;
import org.caravanserai.inbound.Texts;
import org.caravanserai.tenant.Channel;
import org.springframework.stereotype.Component;

/**
 * Reads WhatsApp Cloud API webhooks: entries, their changes, and in each the messages, statuses and errors (Meta,
 * WhatsApp Cloud API, "Webhooks reference: messages").
 */
@Component
class NormaliseWhatsapp implements Normaliser {

    private static final int NAME_MAX = 256;
    private static final Set<String> MEDIA = Set.of("image", "video", "audio", "document", "sticker");

    private final ObjectMapper json;

    NormaliseWhatsapp(ObjectMapper json) {
        this.json = json;
    }

    @Override
    public String channelType() {
        return "whatsapp";
    }

    @Override
    public List<InboundEvent> normalise(Channel channel, byte[] body) {
        JsonNode root;
        try {
            root = json.readTree(body);
        } catch (IOException unreadable) {
            throw new PermanentException("The stored payload is not JSON.", unreadable);
        }
        List<InboundEvent> events = new ArrayList<>();
        for (JsonNode entry : root.path("entry")) {
            for (JsonNode change : entry.path("changes")) {
                readChange(channel, change, events);
            }
        }
        if (events.isEmpty()) {
            events.add(new Ignored("no messages and no statuses in it"));
        }
        return events;
    }

    private void readChange(Channel channel, JsonNode change, List<InboundEvent> events) {
        String field = change.path("field").asText("");
        JsonNode value = change.path("value");
        if (!"messages".equals(field)) {
            events.add(new Ignored("field '" + Texts.storable(field, 64) + "' is not used"));
            return;
        }
        String number = value.at("/metadata/phone_number_id").asText("");
        if (!number.equals(channel.config().get("phoneNumberId"))) {
            events.add(new Ignored("phone_number_id is another channel's"));
            return;
        }
        Map<String, String> names = names(value.path("contacts"));
        for (JsonNode message : value.path("messages")) {
            events.add(readMessage(message, names));
        }
        for (JsonNode status : value.path("statuses")) {
            events.add(readStatus(status));
        }
        for (JsonNode error : value.path("errors")) {
            events.add(new Ignored(
                    "the provider reports error " + error.path("code").asInt()));
        }
    }

    // contacts[] may be fewer than messages[]: matched by id, never by place.
    private static Map<String, String> names(JsonNode contacts) {
        Map<String, String> names = new HashMap<>();
        for (JsonNode contact : contacts) {
            String name = Texts.storable(contact.at("/profile/name").asText(""), NAME_MAX);
            for (String key : List.of("wa_id", "user_id")) {
                String id = contact.path(key).asText("");
                if (!id.isEmpty() && !name.isEmpty()) {
                    names.put(id, name);
                }
            }
        }
        return names;
    }

    private InboundEvent readMessage(JsonNode message, Map<String, String> names) {
        String id = message.path("id").asText("");
        // Users with a username may have no phone number; from_user_id then identifies them.
        String userId = message.path("from_user_id").asText("");
        String address = message.path("from").asText("");
        if (address.isEmpty()) {
            address = userId;
        }
        if (!Texts.isId(id) || !Texts.isId(address)) {
            return new Ignored("a message without usable id or sender");
        }
        String type = Texts.storable(message.path("type").asText("unknown"), 64);
        String text = null;
        if ("text".equals(type)) {
            JsonNode given = message.at("/text/body");
            if (!given.isTextual()) {
                return new Ignored("a text message without text");
            }
            text = Texts.storable(given.textValue());
        }
        return new Received(
                id,
                address,
                names.getOrDefault(address, names.get(userId)),
                type,
                text,
                attachments(type, message.path(type)),
                instant(message.path("timestamp")));
    }

    private List<Map<String, Object>> attachments(String type, JsonNode content) {
        if (!MEDIA.contains(type) || !content.isObject()) {
            return List.of();
        }
        Map<String, Object> attachment = new HashMap<>();
        attachment.put("type", type);
        Map.of("id", "externalId", "mime_type", "mediaType", "filename", "name", "caption", "caption")
                .forEach((theirs, ours) -> {
                    if (content.path(theirs).isTextual()) {
                        attachment.put(ours, Texts.storable(content.path(theirs).textValue(), 1024));
                    }
                });
        return List.of(attachment);
    }

    private InboundEvent readStatus(JsonNode status) {
        String id = status.path("id").asText("");
        String name = status.path("status").asText("");
        String known =
                switch (name) {
                    case "sent", "delivered", "read", "failed" -> name;
                    case "played" -> "read"; // a voice note that was listened to
                    default -> null;
                };
        if (!Texts.isId(id) || known == null) {
            return new Ignored("status '" + Texts.storable(name, 64) + "' is not used");
        }
        Map<String, Object> detail = null;
        if (status.path("errors").isArray() && !status.path("errors").isEmpty()) {
            JsonNode error = status.path("errors").get(0);
            detail = json.convertValue(
                    Map.of(
                            "code", error.path("code").asInt(),
                            "title", Texts.storable(error.path("title").asText(""), 500)),
                    new TypeReference<>() {});
        }
        return new StatusChanged(
                id,
                known,
                Ids.parse(status.path("biz_opaque_callback_data").asText("")).orElse(null),
                instant(status.path("timestamp")),
                detail);
    }

    // Unix seconds, as a text in messages and statuses and as a number elsewhere.
    private static Instant instant(JsonNode seconds) {
        try {
            long value = seconds.asLong(-1);
            return value < 0 ? Instant.now() : Instant.ofEpochSecond(Math.min(value, 253_402_300_799L));
        } catch (DateTimeException outOfRange) {
            return Instant.now();
        }
    }
}
