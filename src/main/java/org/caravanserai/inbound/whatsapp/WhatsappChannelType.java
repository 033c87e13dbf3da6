package org.caravanserai.inbound.whatsapp;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caravanserai.tenant.ChannelType;
import org.springframework.stereotype.Component;

/** WhatsApp Cloud API. A channel without an app of its own uses the one that the operator shares. */
@Component
class WhatsappChannelType implements ChannelType {

    private final MetaProperties shared;

    WhatsappChannelType(MetaProperties shared) {
        this.shared = shared;
    }

    @Override
    public String name() {
        return "whatsapp";
    }

    @Override
    public List<Field> fields() {
        return List.of(
                Field.text(
                        "phoneNumberId",
                        true,
                        "\\d{5,32}",
                        "must be the phone number id that Meta shows: digits only."),
                Field.secret("accessToken", true),
                Field.secret("appSecret", shared.appSecret().isEmpty()),
                Field.secret("verifyToken", shared.verifyToken().isEmpty()));
    }

    @Override
    public Optional<String> addressField() {
        return Optional.of("phoneNumberId");
    }

    @Override
    public boolean isShared(Map<String, Object> config) {
        return !config.containsKey("appSecret");
    }

    @Override
    public Optional<String> notReady(Map<String, Object> config) {
        boolean isSigned =
                config.containsKey("appSecret") || !shared.appSecret().isEmpty();
        boolean isVerified =
                config.containsKey("verifyToken") || !shared.verifyToken().isEmpty();
        return isSigned && isVerified
                ? Optional.empty()
                : Optional.of("appSecret and verifyToken are missing, and the operator shares no Meta app. Set both.");
    }
}
