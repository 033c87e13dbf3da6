package org.caravanserai.inbound.webchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;
import org.caravanserai.security.RandomKeys;
import org.caravanserai.security.SecurityReaders;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Of the web chat. */
public final class WebchatReaders {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final UUID CHANNEL = new UUID(1, 1);
    private static final SessionTokens TOKENS = new SessionTokens(
            SecurityReaders.secrets(),
            new RandomKeys(),
            new Binder(new MapConfigurationPropertySource(Map.of("hub.webchat.session-for", "30d")))
                    .bindOrCreate("hub.webchat", WebchatProperties.class));
    private static final NormaliseWebchat NORMALISE = new NormaliseWebchat(JSON);
    private static final Map<String, Object> PAGES = Map.of("allowedOrigins", List.of("https://inn.example"));

    private WebchatReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("webchat-frame", WebchatReaders::frame),
                new Reader("webchat-token", WebchatReaders::token),
                new Reader("webchat-stored", WebchatReaders::stored),
                new Reader("webchat-origin", WebchatReaders::origin));
    }

    private static void frame(Input input) {
        Frame frame = Frame.read(JSON, input.text());
        if (frame.problem() == Frame.Problem.NONE) {
            assertThat(frame.id()).matches("[A-Za-z0-9_-]{1,64}");
            assertThat(frame.text()).isNotBlank().hasSizeLessThanOrEqualTo(Frame.TEXT_MAX);
        }
    }

    /** Nobody makes one up, and one that is good for a channel is good for no other. */
    private static void token(Input input) {
        assertThat(TOKENS.address(CHANNEL, input.text())).isEmpty();
        String address = "visitor_" + Integer.toHexString(input.text().hashCode());
        String good = TOKENS.renew(CHANNEL, address).token();
        assertThat(TOKENS.address(CHANNEL, good)).contains(address);
        assertThat(TOKENS.address(new UUID(1, 2), good)).isEmpty();
    }

    private static void stored(Input input) throws Exception {
        unlessRefused(
                        () -> NORMALISE.normalise(
                                new org.caravanserai.tenant.Channel(
                                        CHANNEL, CHANNEL, "webchat", "page", true, true, Map.of()),
                                input.bytes()),
                        RejectedException.class)
                .ifPresent(events -> assertThat(events).hasSize(1));
    }

    private static void origin(Input input) {
        assertThat(Origins.isAllowed(PAGES, input.text()))
                .isEqualTo(input.text().equals("https://inn.example"));
        assertThat(Origins.isAllowed(Map.of("allowedOrigins", input.text()), "https://inn.example"))
                .isFalse();
    }
}
