package org.caravanserai.inbound.webchat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.security.RandomKeys;
import org.caravanserai.security.Secrets;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * What a visitor proves by that a conversation is theirs: address and expiry, encrypted and authenticated with the hub's key
 * set for one channel, so that every replica can read it, none need keep it, and nobody can make one.
 */
@Component
@EnableConfigurationProperties(WebchatProperties.class)
class SessionTokens {

    static final int MAX = 512;
    private static final String KIND = "webchat-session";

    private final Secrets secrets;
    private final RandomKeys random;
    private final Duration goodFor;

    /** A token that was just made. */
    record Session(String token, Instant expiresAt) {}

    SessionTokens(Secrets secrets, RandomKeys random, WebchatProperties properties) {
        this.secrets = secrets;
        this.random = random;
        this.goodFor = properties.sessionFor();
    }

    /** For somebody new. */
    Session begin(UUID channelId) {
        return renew(channelId, random.apiKey("visitor"));
    }

    Session renew(UUID channelId, String address) {
        Instant expires = Instant.now().plus(goodFor);
        byte[] sealed = secrets.encrypt(KIND + " " + address + " " + expires.getEpochSecond(), channelId);
        return new Session(Base64.getUrlEncoder().withoutPadding().encodeToString(sealed), expires);
    }

    /** The visitor's address; nothing if the token is forged, another channel's or too old. */
    Optional<String> address(UUID channelId, String token) {
        if (token == null || token.length() > MAX) {
            return Optional.empty();
        }
        try {
            String[] parts = secrets.decrypt(
                            Base64.getUrlDecoder().decode(token.getBytes(StandardCharsets.ISO_8859_1)), channelId)
                    .split(" ");
            boolean isGood = parts.length == 3
                    && parts[0].equals(KIND)
                    && Instant.now().getEpochSecond() < Long.parseLong(parts[2]);
            return isGood ? Optional.of(parts[1]) : Optional.empty();
        } catch (IllegalArgumentException | PermanentException notOurs) {
            return Optional.empty();
        }
    }
}
