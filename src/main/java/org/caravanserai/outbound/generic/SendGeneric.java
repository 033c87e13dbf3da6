package org.caravanserai.outbound.generic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryAfter;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.outbound.ProviderCircuit;
import org.caravanserai.outbound.Send;
import org.caravanserai.webhook.StandardWebhooks;
import org.springframework.stereotype.Component;

/** Posts a reply to a generic channel's {@code replyUrl}, signed as the channel's own messages are. */
@Component("sendGeneric")
public class SendGeneric {

    private final ObjectMapper json;

    SendGeneric(ObjectMapper json) {
        this.json = json;
    }

    /** @throws PermanentException if the channel has no reply URL */
    public void request(Exchange exchange) throws JsonProcessingException {
        Send send = exchange.getProperty("HubSend", Send.class);
        if (!(send.channel().config().get("replyUrl") instanceof String replyUrl) || replyUrl.isBlank()) {
            throw new PermanentException("The channel has no replyUrl to send replies to. Set it in its config.", null);
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", send.id());
        body.put("conversationId", send.conversationId());
        body.put("contact", Map.of("address", send.address()));
        body.put("text", send.text());
        body.put("citations", send.citations());
        byte[] bytes = json.writeValueAsBytes(body);
        Instant now = Instant.now();
        String secret = (String) send.channel().config().get("secret");
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_URI, replyUrl);
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        message.setHeader("webhook-id", send.id().toString());
        message.setHeader("webhook-timestamp", Long.toString(now.getEpochSecond()));
        message.setHeader(
                "webhook-signature",
                StandardWebhooks.sign(List.of(secret), send.id().toString(), now, bytes));
        message.setBody(bytes);
    }

    /**
     * Any 2xx is sent. The receiver gave no id, so the body becomes null.
     *
     * @throws RetryableException for 408, 429 and 5xx
     * @throws PermanentException for everything else
     */
    public void answer(Exchange exchange) {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        String retryAfter = message.getHeader("Retry-After", String.class);
        message.removeHeaders("*");
        message.setBody(null);
        if (status / 100 == 2) {
            return;
        }
        if (status >= 500) {
            ProviderCircuit.providerFailed(exchange);
        }
        String text = "The reply URL answered " + status + ".";
        if (status == 408 || status == 429 || status >= 500) {
            throw new RetryableException(
                    text, RetryAfter.of(retryAfter, Instant.now()).orElse(null), null);
        }
        throw new PermanentException(text, null);
    }
}
