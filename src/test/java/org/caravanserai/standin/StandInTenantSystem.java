package org.caravanserai.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Plays a tenant's system: verifies each webhook by itself, without any code of the hub, and keeps what was right. */
public final class StandInTenantSystem extends StandInServer {

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, JsonNode> events = new ConcurrentHashMap<>();
    private final List<JsonNode> calls = new CopyOnWriteArrayList<>();
    private final AtomicInteger forged = new AtomicInteger();
    private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
    private final AtomicReference<String> secret = new AtomicReference<>("whsec_AAAA");

    /** What the hub's API gave when the webhook was made. */
    public void secret(String whsec) {
        secret.set(whsec);
    }

    /** The next call is answered with this status; each call of this method adds one. */
    public void answerNext(int status) {
        statuses.add(status);
    }

    /** Verified events of one type, each once however often it was delivered. */
    public List<JsonNode> events(String type) {
        return events.values().stream()
                .filter(event -> event.path("type").asText().equals(type))
                .toList();
    }

    /** Every verified call that was answered 2xx, repeats included. */
    public List<JsonNode> calls() {
        return calls;
    }

    /** How many calls had a wrong signature. */
    public int forged() {
        return forged.get();
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        String timestamp = exchange.getRequestHeaders().getFirst("webhook-timestamp");
        String signature = exchange.getRequestHeaders().getFirst("webhook-signature");
        if (!isRight(id, timestamp, signature, body)) {
            forged.incrementAndGet();
            answer(exchange, 401, new byte[0]);
            return;
        }
        Integer planned = statuses.poll();
        if (planned != null) {
            answer(exchange, planned, "planned".getBytes(StandardCharsets.UTF_8));
            return;
        }
        JsonNode event = json.readTree(body);
        calls.add(event);
        events.put(id, event);
        answer(exchange, 204, new byte[0]);
    }

    private boolean isRight(String id, String timestamp, String signature, byte[] body) {
        if (id == null
                || timestamp == null
                || signature == null
                || Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > 300) {
            return false;
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(
                    Base64.getDecoder().decode(secret.get().substring("whsec_".length())), "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
            return Arrays.asList(signature.split(" ")).contains(expected);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
