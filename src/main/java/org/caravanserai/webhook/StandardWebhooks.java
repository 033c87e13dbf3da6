package org.caravanserai.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
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
    private static final String VERSION = "v1,";
    private static final int MAC_LENGTH = 32;

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
     * Checks what can be told before the body is known. Each list holds all values of that header.
     *
     * @return the Unix second at which it was signed, by its own word
     * @throws RejectedException 401 if a header is missing or doubled, the time is off by more than 5 minutes, or there is
     *     nothing that looks like a signature
     */
    public static long checkHead(List<String> ids, List<String> timestamps, List<String> signatures) {
        if (ids.size() != 1 || timestamps.size() != 1 || signatures.size() != 1) {
            throw new RejectedException(
                    401, "Send webhook-id, webhook-timestamp and webhook-signature, once each (Standard Webhooks).");
        }
        long seconds = seconds(timestamps.getFirst());
        long now = Instant.now().getEpochSecond();
        // no difference of both: that could overflow
        if (seconds < now - TOLERANCE.toSeconds() || seconds > now + TOLERANCE.toSeconds()) {
            throw new RejectedException(401, "webhook-timestamp is more than 5 minutes off. Check the sender's clock.");
        }
        if (given(signatures.getFirst()).isEmpty()) {
            throw wrong();
        }
        return seconds;
    }

    /**
     * Checks a signed request. Each list holds all values of that header.
     *
     * @throws RejectedException 401 if a header is missing or doubled, the time is off by more than 5 minutes, or no
     *     signature is right
     */
    public static void verify(
            String secret, List<String> ids, List<String> timestamps, List<String> signatures, byte[] body) {
        long seconds = checkHead(ids, timestamps, signatures);
        byte[] expected = mac(secret, ids.getFirst(), seconds, body);
        boolean right = false;
        for (byte[] signature : given(signatures.getFirst())) {
            right |= MessageDigest.isEqual(expected, signature);
        }
        if (!right) {
            throw wrong();
        }
    }

    /** The signatures of version 1 that are as long as they must be. */
    private static List<byte[]> given(String header) {
        return Arrays.stream(header.split(" ", SIGNATURES_MAX))
                .filter(signature -> signature.startsWith(VERSION))
                .map(signature -> decode(signature.substring(VERSION.length())))
                .filter(signature -> signature.length == MAC_LENGTH)
                .toList();
    }

    private static RejectedException wrong() {
        return new RejectedException(401, "No signature in webhook-signature is right for this channel's secret.");
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
