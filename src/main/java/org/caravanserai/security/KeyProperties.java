package org.caravanserai.security;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The hub's own keys. They are checked where they are read: a validation error would print their values.
 *
 * @param adminApiKey may do all; empty: generated, which the embedded database allows
 * @param encryptionKeyset encrypts secrets at rest: a Tink JSON key set, or base64 of one; empty: generated likewise
 */
@ConfigurationProperties("hub")
record KeyProperties(
        @DefaultValue("") String adminApiKey,
        @DefaultValue("") String encryptionKeyset) {

    @Override
    public String toString() {
        return "KeyProperties[********]";
    }
}
