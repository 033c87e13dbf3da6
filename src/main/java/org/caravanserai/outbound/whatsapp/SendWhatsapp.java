package org.caravanserai.outbound.whatsapp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Pattern;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryAfter;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.inbound.Texts;
import org.caravanserai.outbound.ProviderCircuit;
import org.caravanserai.outbound.Send;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** Speaks the WhatsApp Cloud API: makes the request of a text send, reads its answer. */
@Component("sendWhatsapp")
@EnableConfigurationProperties(WhatsappProperties.class)
public class SendWhatsapp {

    // WhatsApp Cloud API, "Error codes". Meta: build on the code, not on the HTTP status.
    private static final Set<Integer> RETRYABLE =
            Set.of(1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 131064, 133016);
    // of these, what says that the provider or the account is not well, and not that we are too fast
    private static final Set<Integer> OUTAGE = Set.of(1, 2, 131000, 131016, 131057);
    private static final int PAIR_RATE_LIMIT = 131056;
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");
    private static final int ERROR_MAX = 500;
    private static final Duration STALE = Duration.ofSeconds(5);

    private final WhatsappProperties whatsapp;
    private final ObjectMapper json;

    SendWhatsapp(WhatsappProperties whatsapp, ObjectMapper json) {
        this.whatsapp = whatsapp;
        this.json = json;
    }

    /**
     * Makes the request: only the headers set here leave the hub.
     *
     * @throws RetryableException if so much time has passed since the claim that another hub may have taken over
     */
    public void request(Exchange exchange) throws JsonProcessingException {
        Send send = exchange.getProperty("HubSend", Send.class);
        if (send.claimedAt().plus(STALE).isBefore(Instant.now())) {
            throw new RetryableException("The hub stood still between claim and send.", null);
        }
        String address = send.address();
        boolean isPhone = address.chars().allMatch(Character::isDigit);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("messaging_product", "whatsapp");
        body.put("recipient_type", "individual");
        // without the plus, the business number's country code may be put before it
        body.put("to", isPhone ? "+" + address : address);
        body.put("type", "text");
        body.put("text", Map.of("preview_url", false, "body", send.text()));
        body.put("biz_opaque_callback_data", send.id().toString());
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(
                Exchange.HTTP_URI,
                whatsapp.base() + "/" + send.channel().config().get("phoneNumberId") + "/messages");
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        message.setHeader("Authorization", "Bearer " + send.channel().config().get("accessToken"));
        message.setBody(json.writeValueAsBytes(body));
    }

    /**
     * Reads the answer; the body becomes the provider's id of the message.
     *
     * @throws RetryableException for rate limits and failures of the provider
     * @throws PermanentException for everything that sending again does not mend
     */
    public void answer(Exchange exchange) {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        String retryAfter = message.getHeader("Retry-After", String.class);
        JsonNode answer = parse(message.getBody(byte[].class));
        message.removeHeaders("*");
        JsonNode error = answer.path("error");
        if (status >= 500 || OUTAGE.contains(error.path("code").asInt())) {
            ProviderCircuit.providerFailed(exchange);
        }
        if (error.isObject()) {
            throw failure(exchange, status, error, retryAfter);
        }
        if (status / 100 == 2) {
            message.setBody(id(answer.at("/messages/0/id").asText("")));
            return;
        }
        if (status == 429 || status >= 500) {
            throw new RetryableException("WhatsApp answered " + status + ".", asked(retryAfter), null);
        }
        throw new PermanentException("WhatsApp refused the message with status " + status + ".", null);
    }

    /** Null for one that cannot be stored: the message has left all the same, and its statuses echo our own id. */
    private static String id(String given) {
        return Texts.isId(given) ? given : null;
    }

    private RuntimeException failure(Exchange exchange, int status, JsonNode error, String retryAfter) {
        int code = error.path("code").asInt();
        String text = "WhatsApp answered with error " + code + ": "
                + Texts.storable(
                        CONTROL.matcher(error.path("message").asText("")).replaceAll(" "), ERROR_MAX);
        if (RETRYABLE.contains(code) || status == 429 || status >= 500) {
            int attempts = exchange.getProperty("HubSend", Send.class).attempts();
            // Meta: after 131056 try again in 4^X seconds
            Duration pair = code == PAIR_RATE_LIMIT ? Duration.ofSeconds((long) Math.pow(4, attempts)) : null;
            return new RetryableException(text, pair == null ? asked(retryAfter) : pair, null);
        }
        return new PermanentException(text, null);
    }

    private JsonNode parse(byte[] body) {
        try {
            JsonNode parsed = body == null || body.length == 0 ? null : json.readTree(body);
            return parsed == null ? json.nullNode() : parsed;
        } catch (java.io.IOException notJson) {
            return json.nullNode();
        }
    }

    private static Duration asked(String retryAfter) {
        return RetryAfter.of(retryAfter, Instant.now()).orElse(null);
    }
}
