package org.caravanserai.inbound.whatsapp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;
import org.caravanserai.inbound.InboundReaders;
import org.caravanserai.tenant.Channel;
import org.springframework.mock.web.MockHttpServletRequest;

/** Of WhatsApp's door. */
public final class WhatsappReaders {

    private static final String SECRET = "the app's secret";
    private static final Channel CHANNEL = new Channel(
            UUID.randomUUID(),
            UUID.randomUUID(),
            "whatsapp",
            "desk",
            true,
            true,
            Map.of("phoneNumberId", "3001", "appSecret", SECRET));
    private static final NormaliseWhatsapp NORMALISE = new NormaliseWhatsapp(new ObjectMapper());
    private static final VerifyWhatsapp VERIFY = new VerifyWhatsapp(new MetaProperties("", ""), null);
    private static final DefaultCamelContext CAMEL = new DefaultCamelContext();

    private WhatsappReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("whatsapp-event", WhatsappReaders::event),
                new Reader("whatsapp-signature", WhatsappReaders::signature));
    }

    private static void event(Input input) throws Exception {
        unlessRefused(() -> NORMALISE.normalise(CHANNEL, input.bytes()), PermanentException.class)
                .ifPresent(events -> assertThat(events).isNotEmpty().allSatisfy(InboundReaders::isStorable));
    }

    private static void signature(Input input) throws Exception {
        String[] lines = input.lines(2);
        byte[] body = lines[1].getBytes(StandardCharsets.UTF_8);
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.setProperty("HubChannel", CHANNEL);
        exchange.getMessage().setBody(body);
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.addHeader("X-Hub-Signature-256", lines[0]);
        exchange.setProperty("HubRequest", request);
        boolean isTaken = unlessRefused(
                        () -> {
                            VERIFY.signature(exchange);
                            return true;
                        },
                        RejectedException.class)
                .orElse(false);
        assertThat(isTaken).isEqualTo(lines[0].equals(VerifyWhatsapp.sign(SECRET, body)));
    }
}
