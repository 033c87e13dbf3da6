package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;

/** Of Standard Webhooks. */
public final class WebhookReaders {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER = "whsec_AAAAAAAAYqrTwjUPD8ILPZIo2LaLaSw0";

    private WebhookReaders() {}

    public static List<Reader> all() {
        return List.of(new Reader("standard-webhooks", WebhookReaders::signature));
    }

    /** No made-up signature is right, one that was made is, and none is right at another time or with another secret. */
    private static void signature(Input input) throws Exception {
        String[] lines = input.lines(4);
        byte[] body = lines[3].getBytes(StandardCharsets.UTF_8);
        assertThat(isRight(SECRET, lines[0], lines[1], lines[2], body)).isFalse();

        Instant now = Instant.now();
        String seconds = Long.toString(now.getEpochSecond());
        String made = StandardWebhooks.sign(List.of(SECRET), lines[0], now, body);
        assertThat(isRight(SECRET, lines[0], seconds, made, body)).isTrue();
        assertThat(isRight(OTHER, lines[0], seconds, made, body)).isFalse();
        assertThat(isRight(SECRET, lines[0], lines[1], made, body)).isEqualTo(isSame(lines[1], now));
    }

    private static boolean isSame(String seconds, Instant now) {
        try {
            return Long.parseLong(seconds) == now.getEpochSecond();
        } catch (NumberFormatException notANumber) {
            return false;
        }
    }

    private static boolean isRight(String secret, String id, String timestamp, String signature, byte[] body)
            throws Exception {
        return unlessRefused(
                        () -> {
                            StandardWebhooks.verify(secret, List.of(id), List.of(timestamp), List.of(signature), body);
                            return true;
                        },
                        RejectedException.class)
                .orElse(false);
    }
}
