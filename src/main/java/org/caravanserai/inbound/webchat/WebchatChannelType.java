package org.caravanserai.inbound.webchat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.tenant.ChannelType;
import org.springframework.stereotype.Component;

/** A chat bubble on the tenant's own pages. */
@Component
class WebchatChannelType implements ChannelType {

    static final String NAME = "webchat";

    private static final String ORIGIN =
            "\\*|https?://[a-z0-9.-]{1,253}(:\\d{1,5})?|https?://\\[[0-9a-f:.]{2,45}\\](:\\d{1,5})?";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Field> fields() {
        return List.of(
                Field.texts(
                        "allowedOrigins",
                        false,
                        ORIGIN,
                        "must be an origin in small letters without a path, such as https://www.example.com, or * for"
                                + " every page there is."),
                Field.text("title", false, "(?s).{1,100}", "must have at most 100 characters."),
                Field.text("greeting", false, "(?s).{1,1000}", "must have at most 1000 characters."),
                Field.text("color", false, "#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", "must be a colour such as #0b7285."),
                Field.text("position", false, "bottom-right|bottom-left", "must be bottom-right or bottom-left."),
                Field.text(
                        "avatarUrl",
                        false,
                        "https?://[\\x21\\x23-\\x26\\x28-\\x3b=\\x3f-\\x5b\\x5d-\\x7e]{1,1000}",
                        "must be the URL of a picture, beginning with https://."),
                Field.text("customCss", false, null, null));
    }

    @Override
    public String door(UUID channelId) {
        return "/webchat/" + channelId + "/widget.js";
    }

    @Override
    public Optional<String> notReady(Map<String, Object> config) {
        return Origins.of(config).isEmpty()
                ? Optional.of("No page may show this chat yet. Name the origins of your pages in config.allowedOrigins,"
                        + " for example [\"https://www.example.com\"].")
                : Optional.empty();
    }
}
