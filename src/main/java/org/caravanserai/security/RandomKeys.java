package org.caravanserai.security;

import java.security.SecureRandom;
import java.util.Base64;
import org.springframework.stereotype.Component;

/** Makes keys and secrets: 32 random bytes each. */
@Component
public class RandomKeys {

    private static final int LENGTH = 32;

    private final SecureRandom random = new SecureRandom();

    /** An API key: the prefix, an underscore and 43 characters. */
    public String apiKey(String prefix) {
        return prefix + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes());
    }

    /** A Standard Webhooks secret: {@code whsec_} and base64. */
    public String webhookSecret() {
        return "whsec_" + Base64.getEncoder().encodeToString(bytes());
    }

    private byte[] bytes() {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        return bytes;
    }
}
