package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.caravanserai.Ids;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;

/** Of what all doors share. */
public final class InboundReaders {

    private static final int CUT = 64;

    private InboundReaders() {}

    public static List<Reader> all() {
        return List.of(new Reader("texts", InboundReaders::texts));
    }

    private static void texts(Input input) {
        String text = input.text();
        String kept = Texts.storable(text);
        assertThat(isWhole(kept)).isTrue();
        assertThat(kept).hasSameSizeAs(text);
        assertThat(Texts.storable(text, CUT)).hasSizeLessThanOrEqualTo(CUT);
        assertThat(isWhole(Texts.storable(text, CUT))).isTrue();
        assertThat(Texts.storable(kept)).isEqualTo(kept);
        if (Texts.isId(text)) {
            assertThat(kept).isEqualTo(text);
        }
        Ids.parse(text).ifPresent(id -> assertThat(id.toString()).isEqualToIgnoringCase(text));
    }

    /** Every text of the event can be stored and is bounded. */
    public static void isStorable(InboundEvent event) {
        switch (event) {
            case InboundEvent.Received received -> {
                assertThat(Texts.isId(received.externalId())).isTrue();
                assertThat(Texts.isId(received.address())).isTrue();
                assertThat(isWhole(received.name())).isTrue();
                assertThat(isWhole(received.type())).isTrue();
                assertThat(isWhole(received.text())).isTrue();
                assertThat(isWhole(received.attachments().toString())).isTrue();
                assertThat(received.at()).isNotNull();
            }
            case InboundEvent.StatusChanged changed -> {
                assertThat(Texts.isId(changed.externalId())).isTrue();
                assertThat(changed.status()).isIn("sent", "delivered", "read", "failed");
                assertThat(isWhole(String.valueOf(changed.detail()))).isTrue();
            }
            case InboundEvent.Ignored ignored -> {
                assertThat(isWhole(ignored.reason())).isTrue();
                assertThat(ignored.reason()).hasSizeLessThan(500);
            }
        }
    }

    /** Whether PostgreSQL can store it. */
    static boolean isWhole(String text) {
        return text == null
                || text.indexOf('\0') < 0
                        && new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).equals(text);
    }
}
