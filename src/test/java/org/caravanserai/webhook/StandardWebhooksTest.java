package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.caravanserai.failure.RejectedException;
import org.junit.jupiter.api.Test;

class StandardWebhooksTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OLD_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);

    /** The vector that the specification's own libraries are tested with. */
    @Test
    void signsAsTheSpecificationDoes() {
        String actual = StandardWebhooks.sign(
                List.of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", Instant.ofEpochSecond(1_614_265_330), BODY);

        assertThat(actual).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void signsWithBothSecretsDuringARotation() {
        Instant now = Instant.now();

        String actual = StandardWebhooks.sign(List.of(SECRET, OLD_SECRET), "m", now, BODY);

        assertThatCode(() -> verify(SECRET, actual, now)).doesNotThrowAnyException();
        assertThatCode(() -> verify(OLD_SECRET, actual, now)).doesNotThrowAnyException();
    }

    @Test
    void refusesAForgedSignature() {
        assertThatThrownBy(() -> verify(SECRET, "v1,AAAA", Instant.now())).isInstanceOf(RejectedException.class);
    }

    @Test
    void refusesASignatureOfOtherBytes() {
        Instant now = Instant.now();
        String signature = StandardWebhooks.sign(List.of(SECRET), "m", now, "{}".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> verify(SECRET, signature, now)).isInstanceOf(RejectedException.class);
    }

    @Test
    void refusesAnOldTimestamp() {
        Instant old = Instant.now().minusSeconds(301);
        String signature = StandardWebhooks.sign(List.of(SECRET), "m", old, BODY);

        assertThatThrownBy(() -> verify(SECRET, signature, old)).hasMessageContaining("5 minutes");
    }

    @Test
    void refusesAMissingOrDoubledHeader() {
        String now = Long.toString(Instant.now().getEpochSecond());

        assertThatThrownBy(() -> StandardWebhooks.verify(SECRET, List.of(), List.of(now), List.of("v1,x"), BODY))
                .isInstanceOf(RejectedException.class);
        assertThatThrownBy(() ->
                        StandardWebhooks.verify(SECRET, List.of("a"), List.of(now), List.of("v1,x", "v1,y"), BODY))
                .isInstanceOf(RejectedException.class);
    }

    private static void verify(String secret, String signature, Instant timestamp) {
        StandardWebhooks.verify(
                secret, List.of("m"), List.of(Long.toString(timestamp.getEpochSecond())), List.of(signature), BODY);
    }
}
