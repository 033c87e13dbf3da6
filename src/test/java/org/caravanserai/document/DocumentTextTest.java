package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.caravanserai.failure.PermanentException;
import org.junit.jupiter.api.Test;

class DocumentTextTest {

    @Test
    void dropsTheByteOrderMarkAndNulCharacters() {
        DocumentText document =
                read("a.txt", "text/plain", "\uFEFFfirst\0 line\r\nsecond".getBytes(StandardCharsets.UTF_8));

        assertThat(document.text()).isEqualTo("first line\nsecond");
    }

    @Test
    void readsWhatIsNoUtf8AsWindows1252() {
        DocumentText document =
                read("a.txt", "text/plain", "Caf\u00e9 \u20ac5".getBytes(Charset.forName("windows-1252")));

        assertThat(document.text()).isEqualTo("Caf\u00e9 \u20ac5");
    }

    @Test
    void takesTheFirstHeadingAsTitleOfMarkdownElseTheName() {
        assertThat(read("a.md", "text/markdown", bytes("# Opening hours #\n\nNine to five"))
                        .title())
                .isEqualTo("Opening hours");
        assertThat(read("opening-hours.md", "text/markdown", bytes("Nine to five"))
                        .title())
                .isEqualTo("opening hours");
        assertThat(read("opening_hours.txt", "text/plain", bytes("# no heading here"))
                        .title())
                .isEqualTo("opening hours");
    }

    @Test
    void refusesAnEmptyFileWithAReason() {
        assertThatThrownBy(() -> read("a.txt", "text/plain", bytes(" \n\0 ")))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("no text");
    }

    @Test
    void decodesUtf16WithAByteOrderMark() {
        assertThat(DocumentText.unicode("\uFEFFCaf\u00e9".getBytes(StandardCharsets.UTF_16LE)))
                .contains("Caf\u00e9");
        assertThat(DocumentText.unicode("\uFEFFCaf\u00e9".getBytes(StandardCharsets.UTF_16BE)))
                .contains("Caf\u00e9");
        assertThat(DocumentText.unicode(new byte[] {(byte) 0xff, (byte) 0xfe, 0}))
                .isEmpty();
    }

    private static DocumentText read(String name, String mediaType, byte[] content) {
        return DocumentText.plain(
                name, mediaType, DocumentText.unicode(content).orElseGet(() -> DocumentText.windows1252(content)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
