package org.caravanserai.security;

import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The hub's own keys.
 *
 * @param adminApiKey may do all; empty: generated, which the embedded database allows
 * @param encryptionKeyset encrypts secrets at rest: a Tink JSON key set, or base64 of one; empty: generated likewise
 */
@Validated
@ConfigurationProperties("hub")
record KeyProperties(
        @DefaultValue("")
                @Pattern(
                        regexp = "|[\\x21-\\x7e]{16,256}",
                        message = "must have 16 to 256 visible ASCII characters; write for example the output of"
                                + " \"openssl rand -hex 32\" (HUB_ADMIN_API_KEY)")
                String adminApiKey,
        @DefaultValue("") String encryptionKeyset) {

    @Override
    public String toString() {
        return "KeyProperties[********]";
    }
}
