package org.caravanserai.inbound.generic;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.Normaliser;
import org.caravanserai.inbound.Texts;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.DefinitePath;
import org.springframework.stereotype.Component;

/** Reads what any system posts to a generic channel, by the contract's fields or by the channel's own JSONPaths. */
@Component
class NormaliseGeneric implements Normaliser {

    private static final Map<String, String> DEFAULT_PATHS = Map.of(
            "id", "$.id", "contact.address", "$.contact.address", "contact.name", "$.contact.name", "text", "$.text");

    private final ObjectReader json;

    NormaliseGeneric(ObjectMapper json) {
        // of two values of one name, this reader and the sender's might mean different ones
        this.json = json.reader()
                .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    @Override
    public String channelType() {
        return "generic";
    }

    @Override
    public List<InboundEvent> normalise(Channel channel, byte[] body) {
        JsonNode root;
        try {
            root = json.readTree(body);
        } catch (IOException unreadable) {
            throw new RejectedException(400, "The body is not JSON that can be read.");
        }
        if (!root.isObject()) {
            throw new RejectedException(400, "The body must be one JSON object.");
        }
        Map<?, ?> mapping = channel.config().get("mapping") instanceof Map<?, ?> own ? own : Map.of();
        for (Map.Entry<?, ?> path : mapping.entrySet()) {
            if (path(path.getValue()).isEmpty()) {
                return List.of(missing("mapping." + path.getKey(), DefinitePath.RULE + " Save the channel again."));
            }
        }
        String id = read(root, mapping, "id");
        String address = read(root, mapping, "contact.address");
        String text = read(root, mapping, "text");
        if (!Texts.isId(id)) {
            return List.of(missing("id", "must be a text of 1 to 512 characters, the sender's id of the message"));
        }
        if (!Texts.isId(address)) {
            return List.of(missing("contact.address", "must be a text of 1 to 512 characters that names the contact"));
        }
        if (text == null || text.isBlank()) {
            return List.of(missing("text", "must be a text that is not blank"));
        }
        String name = Texts.storable(read(root, mapping, "contact.name"), 256);
        return List.of(
                new InboundEvent.Received(id, address, name, "text", Texts.storable(text), List.of(), Instant.now()));
    }

    private static InboundEvent.Ignored missing(String field, String rule) {
        return new InboundEvent.Ignored(field + " " + rule);
    }

    private static Optional<DefinitePath> path(Object given) {
        return given instanceof String text ? DefinitePath.parse(text) : Optional.empty();
    }

    private static String read(JsonNode root, Map<?, ?> mapping, String field) {
        Object given = mapping.containsKey(field) ? mapping.get(field) : DEFAULT_PATHS.get(field);
        JsonNode value = path(given).orElseThrow().in(root);
        return value.isTextual() || value.isIntegralNumber() ? value.asText() : null;
    }
}
