package org.caravanserai.inbound.generic;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import com.jayway.jsonpath.ReadContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.Normaliser;
import org.caravanserai.inbound.Texts;
import org.caravanserai.tenant.Channel;
import org.springframework.stereotype.Component;

/** Reads what any system posts to a generic channel, by the contract's fields or by the channel's own JSONPaths. */
@Component
class NormaliseGeneric implements Normaliser {

    private static final Map<String, String> DEFAULT_PATHS = Map.of(
            "id", "$.id", "contact.address", "$.contact.address", "contact.name", "$.contact.name", "text", "$.text");
    private static final Configuration LENIENT =
            Configuration.builder().options(Option.SUPPRESS_EXCEPTIONS).build();

    @Override
    public String channelType() {
        return "generic";
    }

    @Override
    public List<InboundEvent> normalise(Channel channel, byte[] body) {
        ReadContext root;
        try {
            root = JsonPath.using(LENIENT).parse(new ByteArrayInputStream(body), StandardCharsets.UTF_8.name());
        } catch (InvalidPathException unreadable) {
            throw new RejectedException(400, "The body is not JSON that can be read.");
        }
        Map<?, ?> mapping = channel.config().get("mapping") instanceof Map<?, ?> own ? own : Map.of();
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

    private static String read(ReadContext root, Map<?, ?> mapping, String field) {
        Object path = mapping.get(field);
        Object value = root.read(path instanceof String own ? own : DEFAULT_PATHS.get(field));
        return switch (value) {
            case String text -> text;
            case Integer number -> number.toString();
            case Long number -> number.toString();
            case null, default -> null;
        };
    }
}
