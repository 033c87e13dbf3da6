package org.caravanserai.inbound.whatsapp;

import com.google.re2j.Pattern;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.Exchange;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.inbound.DoorHead;
import org.caravanserai.inbound.DoorLimits;
import org.caravanserai.inbound.OpenDoor;
import org.caravanserai.tenant.Channel;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Checks that a request comes from Meta: the handshake by its verify token, an event by {@code X-Hub-Signature-256},
 * which is HMAC-SHA256 with the app's secret over the raw bytes (Meta, Webhooks, "Validating payloads").
 */
@Component("verifyWhatsapp")
@EnableConfigurationProperties(MetaProperties.class)
public class VerifyWhatsapp implements DoorHead {

    private static final String HEADER = "X-Hub-Signature-256";
    private static final String PREFIX = "sha256=";
    private static final Pattern SIGNATURE = Pattern.compile(PREFIX + "[0-9a-f]{64}");
    private static final int CHALLENGE_MAX = 1000;

    private final MetaProperties shared;
    private final DoorLimits limits;

    VerifyWhatsapp(MetaProperties shared, DoorLimits limits) {
        this.shared = shared;
        this.limits = limits;
    }

    /**
     * Answers the handshake with the challenge.
     *
     * @return the value of {@code hub.challenge}, verbatim
     * @throws RejectedException 403 for a wrong mode or token, 429 where too many were wrong
     */
    public String handshake(Exchange exchange) {
        limits.mayShake(exchange);
        String expected = secret(exchange, "verifyToken", shared.verifyToken());
        String challenge = OpenDoor.parameter(exchange, "hub.challenge");
        boolean right = !expected.isEmpty()
                && equal(expected, OpenDoor.parameter(exchange, "hub.verify_token"))
                && "subscribe".equals(OpenDoor.parameter(exchange, "hub.mode"));
        if (!right || challenge.length() > CHALLENGE_MAX) {
            limits.wrongToken(exchange);
            throw new RejectedException(403, "The verify token is not the one configured for this channel.");
        }
        return challenge;
    }

    @Override
    public String channelType() {
        return "whatsapp";
    }

    @Override
    public void check(HttpServletRequest request) {
        List<String> given = Collections.list(request.getHeaders(HEADER));
        if (given.size() != 1 || !SIGNATURE.matcher(given.getFirst()).matches()) {
            throw unsigned();
        }
    }

    /**
     * Checks the signature of an event.
     *
     * @throws RejectedException 401 unless there is exactly one signature and it is right
     */
    public void signature(Exchange exchange) {
        List<String> given = OpenDoor.headers(exchange, HEADER);
        String secret = secret(exchange, "appSecret", shared.appSecret());
        byte[] body = exchange.getMessage().getBody(byte[].class);
        if (given.size() != 1 || secret.isEmpty() || !equal(sign(secret, body), given.getFirst())) {
            throw unsigned();
        }
    }

    private static RejectedException unsigned() {
        return new RejectedException(
                401, "The signature is missing or wrong: " + HEADER + " must be made with the app's secret.");
    }

    private static String secret(Exchange exchange, String field, String otherwise) {
        Channel channel = exchange.getProperty("HubChannel", Channel.class);
        Object own = channel == null ? null : channel.config().get(field);
        return own instanceof String text && !text.isEmpty() ? text : otherwise;
    }

    /** What Meta puts into {@code X-Hub-Signature-256}. */
    static String sign(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return PREFIX + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has HmacSHA256", impossible);
        }
    }

    /** In constant time, whatever differs. */
    private static boolean equal(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
