package org.caravanserai.inbound.whatsapp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.InboundEvent.Ignored;
import org.caravanserai.inbound.InboundEvent.Received;
import org.caravanserai.inbound.InboundEvent.StatusChanged;
import org.caravanserai.tenant.Channel;
import org.junit.jupiter.api.Test;

class NormaliseWhatsappTest {

    private static final Channel CHANNEL = new Channel(
            UUID.randomUUID(),
            UUID.randomUUID(),
            "whatsapp",
            "front desk",
            true,
            true,
            Map.of("phoneNumberId", "3001"));

    private final NormaliseWhatsapp normalise = new NormaliseWhatsapp(new ObjectMapper());

    @Test
    void readsATextWithItsSendersName() throws IOException {
        List<InboundEvent> actual = normalise("text");

        assertThat(actual)
                .containsExactly(new Received(
                        "wamid.A1",
                        "447700900001",
                        "Ada Brook",
                        "text",
                        "Is breakfast included?",
                        List.of(),
                        Instant.ofEpochSecond(1_760_000_000)));
    }

    @Test
    void keepsAnotherTypeWithItsAttachmentAndNoText() throws IOException {
        Received actual = (Received) normalise("image").getFirst();

        assertThat(actual.type()).isEqualTo("image");
        assertThat(actual.text()).isNull();
        assertThat(actual.attachments()).singleElement().satisfies(attachment -> assertThat(attachment)
                .containsEntry("externalId", "9001")
                .containsEntry("mediaType", "image/jpeg")
                .containsEntry("caption", "our room"));
    }

    @Test
    void takesTheUserIdForAContactWithoutPhone() throws IOException {
        Received actual = (Received) normalise("user-without-phone").getFirst();

        assertThat(actual.address()).isEqualTo("GB.77");
        assertThat(actual.name()).isEqualTo("Kit");
    }

    @Test
    void needsNoContacts() throws IOException {
        Received actual =
                (Received) normalise("number-changed-without-contacts").getFirst();

        assertThat(actual.type()).isEqualTo("system");
        assertThat(actual.name()).isNull();
    }

    @Test
    void keepsTheGoodEntriesOfABatchInTheirOrder() throws IOException {
        List<InboundEvent> actual = normalise("batch-with-one-bad-entry");

        assertThat(actual).hasSize(4);
        assertThat(((Received) actual.get(0)).text()).isEqualTo("first");
        assertThat(actual.get(1)).isInstanceOf(Ignored.class);
        assertThat(((Received) actual.get(2)).text()).isEqualTo("second");
        assertThat(((StatusChanged) actual.get(3)).status()).isEqualTo("delivered");
    }

    @Test
    void findsOurIdInAStatus() throws IOException {
        StatusChanged actual = (StatusChanged) normalise("status-with-our-id").getFirst();

        assertThat(actual.messageId()).isEqualTo(UUID.fromString("01990000-0000-7000-8000-000000000001"));
        assertThat(actual.status()).isEqualTo("sent");
    }

    @Test
    void keepsTheCodeOfAFailedStatus() throws IOException {
        StatusChanged actual = (StatusChanged) normalise("status-failed").getFirst();

        assertThat(actual.detail()).containsEntry("code", 131047).containsEntry("title", "Re-engagement message");
    }

    @Test
    void countsPlayedAsRead() throws IOException {
        assertThat(((StatusChanged) normalise("status-played").getFirst()).status())
                .isEqualTo("read");
    }

    @Test
    void ignoresAnUnknownFieldAnotherNumberAndErrors() throws IOException {
        for (String fixture : List.of("unknown-field", "another-number", "errors-only")) {
            assertThat(normalise(fixture))
                    .as(fixture)
                    .hasOnlyElementsOfType(Ignored.class)
                    .hasSize(1);
        }
    }

    @Test
    void replacesWhatCannotBeStored() {
        String body = """
                {"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"3001"},"messages":[
                {"from":"1","id":"w","type":"text","text":{"body":"a\\u0000b \\ud83d\\ude00 \\ud83d \\u0633"}}]}}]}]}""";

        Received actual = (Received) normalise
                .normalise(CHANNEL, body.getBytes(StandardCharsets.UTF_8))
                .getFirst();

        assertThat(actual.text()).isEqualTo("a\ufffdb \ud83d\ude00 \ufffd \u0633");
    }

    @Test
    void ignoresAPayloadWithoutEntries() {
        assertThat(normalise.normalise(CHANNEL, "{}".getBytes(StandardCharsets.UTF_8)))
                .hasOnlyElementsOfType(Ignored.class);
    }

    @Test
    void givesUpOnStoredBytesThatAreNoJson() {
        byte[] body = "{".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> normalise.normalise(CHANNEL, body)).isInstanceOf(PermanentException.class);
    }

    private List<InboundEvent> normalise(String fixture) throws IOException {
        try (InputStream in = getClass().getResourceAsStream("/fixtures/whatsapp/" + fixture + ".json")) {
            return normalise.normalise(CHANNEL, in.readAllBytes());
        }
    }
}
