package org.caravanserai.inbound.generic;

import java.util.List;
import org.caravanserai.security.RandomKeys;
import org.caravanserai.tenant.ChannelType;
import org.springframework.stereotype.Component;

/** Any system that can post JSON with a Standard Webhooks signature and take replies the same way. */
@Component
class GenericChannelType implements ChannelType {

    // 22 to 172 characters. Standard Webhooks asks for 24 to 64 bytes; systems that cannot be changed have fewer
    private static final String SECRET = "(whsec_)?(Q{5}R|Q{6,42}R?|Q{43})"
            .replace("Q", "([A-Za-z0-9+/]{4})")
            .replace("R", "([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)");

    private final RandomKeys random;

    GenericChannelType(RandomKeys random) {
        this.random = random;
    }

    @Override
    public String name() {
        return "generic";
    }

    @Override
    public List<Field> fields() {
        return List.of(
                new Field(
                        "secret",
                        Kind.TEXT,
                        true,
                        false,
                        SECRET,
                        "must be whsec_ and base64 of 16 to 128 random bytes; leave it out to have one made.",
                        random::webhookSecret),
                Field.url("replyUrl", true),
                new Field("mapping", Kind.JSON_PATHS, false, false, null, null, null));
    }
}
