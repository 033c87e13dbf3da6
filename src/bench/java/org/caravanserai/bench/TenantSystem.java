package org.caravanserai.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.caravanserai.standin.StandInServer;

/** The systems of all tenants: each path is one endpoint, whose signatures are verified without any code of the hub. */
final class TenantSystem extends StandInServer {

    private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final ObjectMapper json = new ObjectMapper();
    private final ConcurrentHashMap<String, byte[]> secrets = new ConcurrentHashMap<>();
    private final Ledger ledger;
    final LongAdder verified = new LongAdder();
    private final Set<String> hanging = ConcurrentHashMap.newKeySet();

    TenantSystem(Ledger ledger) {
        this.ledger = ledger;
    }

    void endpoint(String path, String secret) {
        secrets.put(path, Base64.getDecoder().decode(secret.substring("whsec_".length())));
    }

    /** Lets the requests of a path wait without an answer. */
    void hang(String path) {
        hanging.add(path);
    }

    void answerAll() {
        hanging.clear();
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        if (hanging.contains(exchange.getRequestURI().getPath())) {
            pause(HANG_NANOS);
            exchange.close();
            return;
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        byte[] secret = secrets.get(exchange.getRequestURI().getPath());
        Headers headers = exchange.getRequestHeaders();
        String id = headers.getFirst("webhook-id");
        if (secret == null || id == null || !isRight(headers, secret, body)) {
            ledger.forged.increment();
            answer(exchange, 401, new byte[0]);
            return;
        }
        verified.increment();
        JsonNode event = json.readTree(body);
        ledger.event(
                id,
                event.path("type").asText(),
                event.at("/data/id").asText(),
                event.at("/data/externalId").asText());
        answer(exchange, 204, new byte[0]);
    }

    private static boolean isRight(Headers headers, byte[] secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update((headers.getFirst("webhook-id") + "." + headers.getFirst("webhook-timestamp") + ".")
                    .getBytes(StandardCharsets.UTF_8));
            byte[] expected =
                    ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.US_ASCII);
            String given = headers.getFirst("webhook-signature");
            return given != null
                    && Arrays.stream(given.split(" "))
                            .anyMatch(one -> MessageDigest.isEqual(expected, one.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
