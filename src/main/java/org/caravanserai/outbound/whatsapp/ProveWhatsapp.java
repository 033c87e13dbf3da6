package org.caravanserai.outbound.whatsapp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;
import org.caravanserai.tenant.AddressProof;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Reads a phone number with the channel's own token. Meta shows it only to a token whose owner has been given the WhatsApp
 * account that the number is of. It proves that who set up the channel may act for the number, not who pays for it.
 */
@Component
class ProveWhatsapp implements AddressProof {

    private static final Logger LOG = LoggerFactory.getLogger(ProveWhatsapp.class);
    private static final Timeout PATIENCE = Timeout.ofSeconds(5);
    // WhatsApp Cloud API, "Error codes": Meta is not well, or was asked too often
    private static final Set<Integer> LATER = Set.of(1, 2, 4, 80007, 130429, 131000, 131016, 131057, 133016);
    private static final String AWAY =
            "Meta could not be asked whether accessToken belongs to phoneNumberId; it is asked"
                    + " again by itself. The operator can confirm the channel meanwhile.";

    private final WhatsappProperties whatsapp;
    private final CloseableHttpClient http;
    private final ObjectMapper json;

    ProveWhatsapp(WhatsappProperties whatsapp, @Qualifier("providerHttp") CloseableHttpClient http, ObjectMapper json) {
        this.whatsapp = whatsapp;
        this.http = http;
        this.json = json;
    }

    @Override
    public String channelType() {
        return "whatsapp";
    }

    @Override
    public List<String> credentials() {
        return List.of("accessToken");
    }

    @Override
    public Answer ask(Map<String, Object> config) {
        String number = String.valueOf(config.get("phoneNumberId"));
        HttpGet request = new HttpGet(whatsapp.base() + "/" + number + "?fields=id,display_phone_number,verified_name");
        request.setHeader("Authorization", "Bearer " + config.get("accessToken"));
        request.setConfig(RequestConfig.custom()
                .setConnectionRequestTimeout(PATIENCE)
                .setResponseTimeout(PATIENCE)
                .build());
        try {
            return http.execute(request, response -> read(response, number));
        } catch (IOException away) {
            LOG.debug("Meta could not be asked about a number", away);
            return new Answer(Outcome.AWAY, AWAY);
        }
    }

    private Answer read(ClassicHttpResponse response, String number) throws IOException {
        byte[] body = response.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(response.getEntity());
        JsonNode answer = json.readTree(body);
        int status = response.getCode();
        if (answer == null || !answer.isObject()) {
            return status / 100 == 2 || status >= 500 ? new Answer(Outcome.AWAY, AWAY) : refused("status " + status);
        }
        int code = answer.at("/error/code").asInt();
        if (status == 429 || status >= 500 || LATER.contains(code)) {
            return new Answer(Outcome.AWAY, AWAY);
        }
        boolean isProven = status == 200
                && answer.path("id").asText().equals(number)
                && answer.path("display_phone_number").isTextual();
        if (isProven) {
            return new Answer(Outcome.PROVEN, null);
        }
        return refused(status / 100 == 2 ? "another thing" : "error " + code);
    }

    private static Answer refused(String what) {
        return new Answer(
                Outcome.REFUSED,
                "Meta answered " + what + " when asked for phoneNumberId with accessToken. Give a token of the business"
                        + " that has the number, or ask the operator to confirm the channel.");
    }
}
