package org.caravanserai.outbound.whatsapp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.outbound.Send;
import org.caravanserai.tenant.Channel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Graph API answers, errors under a status of success included. */
class SendWhatsappTest {

    private final SendWhatsapp sendWhatsapp = new SendWhatsapp(
            new WhatsappProperties(URI.create("https://graph.example.com"), "v24.0"), new ObjectMapper());

    private static Exchange answered(int status, String body) {
        Channel channel = new Channel(UUID.randomUUID(), UUID.randomUUID(), "whatsapp", "Desk", true, true, Map.of());
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(
                "HubSend",
                new Send(
                        channel.tenantId(),
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        channel,
                        "4917",
                        "Hello",
                        List.of(),
                        2,
                        Instant.now()));
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
        return exchange;
    }

    private static String error(int code) {
        return "{\"error\":{\"message\":\"(#" + code + ") no\",\"type\":\"OAuthException\",\"code\":" + code + "}}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"messages\":[{\"id\":\"\"}]}", "{\"messages\":[{\"id\":\"a\\u0000b\"}]}"})
    void takesNoIdThatCannotBeStored(String body) {
        Exchange exchange = answered(200, body);

        sendWhatsapp.answer(exchange);

        assertThat(exchange.getMessage().getBody()).isNull();
    }

    @Test
    void takesNoEndlessIdAndKeepsNoEndlessError() {
        Exchange exchange = answered(200, "{\"messages\":[{\"id\":\"" + "x".repeat(100_000) + "\"}]}");

        sendWhatsapp.answer(exchange);

        assertThat(exchange.getMessage().getBody()).isNull();
        assertThatThrownBy(() -> sendWhatsapp.answer(
                        answered(400, "{\"error\":{\"code\":131026,\"message\":\"" + "x".repeat(100_000) + "\"}}")))
                .isInstanceOfSatisfying(PermanentException.class, refused -> assertThat(refused.getMessage())
                        .hasSizeLessThan(1_000));
    }

    @Test
    void takesTheIdOfAnAcceptedMessage() {
        Exchange exchange = answered(200, "{\"messages\":[{\"id\":\"wamid.1\"}]}");

        sendWhatsapp.answer(exchange);

        assertThat(exchange.getMessage().getBody(String.class)).isEqualTo("wamid.1");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 131026, 131047, 190})
    void givesUpAnErrorThatAStatusOfSuccessHides(int code) {
        assertThatThrownBy(() -> sendWhatsapp.answer(answered(200, error(code))))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining(Integer.toString(code));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 130429, 131016, 131056})
    void triesAgainAfterAPassingErrorThatAStatusOfSuccessHides(int code) {
        assertThatThrownBy(() -> sendWhatsapp.answer(answered(200, error(code))))
                .isInstanceOf(RetryableException.class);
    }

    @Test
    void waitsLongerForAPairThatIsTooFast() {
        assertThatThrownBy(() -> sendWhatsapp.answer(answered(400, error(131056))))
                .isInstanceOfSatisfying(RetryableException.class, slower -> assertThat(slower.retryAfter())
                        .contains(Duration.ofSeconds(16)));
    }

    @ParameterizedTest
    @CsvSource({
        "200,2,true",
        "200,131016,true",
        "503,131026,true",
        "200,130429,false",
        "429,130429,false",
        "400,131026,false"
    })
    void tellsAProviderThatIsNotWellFromARefusal(int status, int code, boolean isNotWell) {
        Exchange exchange = answered(status, error(code));

        assertThatThrownBy(() -> sendWhatsapp.answer(exchange)).isInstanceOf(RuntimeException.class);

        assertThat(exchange.getProperty("HubProviderFailed") != null).isEqualTo(isNotWell);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{\"messages\":{}}", "null", "{"})
    void readsAnAnswerThatIsNoneOfThese(String body) {
        Exchange exchange = answered(200, body);

        assertThatCode(() -> sendWhatsapp.answer(exchange)).doesNotThrowAnyException();

        assertThat(exchange.getMessage().getBody()).isNull();
    }
}
