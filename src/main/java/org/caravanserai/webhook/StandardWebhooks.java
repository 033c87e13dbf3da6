package org.caravanserai.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.caravanserai.failure.RejectedException;

/**
 * The Standard Webhooks 1.0 signature, made and checked over raw bytes. (The published Java library takes the body as a
 * text, which loses bytes that are no UTF-8 before the check.)
 */
public final class StandardWebhooks {

    private static final String SECRET_PREFIX = "whsec_";
    private static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final int SIGNATURES_MAX = 10;

    private StandardWebhooks() {}

    /**
     * The value of {@code webhook-signature}: one {@code v1,...} for each secret, separated by spaces.
     *
     * @param secrets {@code whsec_} and base64; more than one while a secret is being rotated
     * @param timestamp of this attempt
     */
    public static String sign(List<String> secrets, String id, Instant timestamp, byte[] body) {
        return secrets.stream()
                .map(secret ->
                        "v1," + Base64.getEncoder().encodeToString(mac(secret, id, timestamp.getEpochSecond(), body)))
                .collect(Collectors.joining(" "));
    }

    /**
     * Checks a signed request. Each list holds all values of that header.
     *
     * @throws RejectedException 401 if a header is missing or doubled, the time is off by more than 5 minutes, or no
     *     signature is right
     */
    public static void verify(
            String secret, List<String> ids, List<String> timestamps, List<String> signatures, byte[] body) {
        if (ids.size() != 1 || timestamps.size() != 1 || signatures.size() != 1) {
            throw new RejectedException(
                    401, "Send webhook-id, webhook-timestamp and webhook-signature, once each (Standard Webhooks).");
        }
        long seconds = seconds(timestamps.getFirst());
        if (Math.abs(Instant.now().getEpochSecond() - seconds) > TOLERANCE.toSeconds()) {
            throw new RejectedException(401, "webhook-timestamp is more than 5 minutes off. Check the sender's clock.");
        }
        byte[] expected = mac(secret, ids.getFirst(), seconds, body);
        boolean right = false;
        for (String signature : signatures.getFirst().split(" ", SIGNATURES_MAX)) {
            right |= signature.startsWith("v1,") && MessageDigest.isEqual(expected, decode(signature.substring(3)));
        }
        if (!right) {
            throw new RejectedException(401, "No signature in webhook-signature is right for this channel's secret.");
        }
    }

    private static byte[] mac(String secret, String id, long seconds, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key(secret), "HmacSHA256"));
            mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has HmacSHA256", impossible);
        }
    }

    private static byte[] key(String secret) {
        return Base64.getDecoder()
                .decode(secret.startsWith(SECRET_PREFIX) ? secret.substring(SECRET_PREFIX.length()) : secret);
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    private static long seconds(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            throw new RejectedException(401, "webhook-timestamp must be Unix seconds.");
        }
    }
}
