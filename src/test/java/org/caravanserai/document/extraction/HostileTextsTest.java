package org.caravanserai.document.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.caravanserai.hostile.Pumped;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.AttributesImpl;

class HostileTextsTest {

    @TempDir
    private Path folder;

    @Test
    void readsTables() {
        Pumped.assertLinear(text -> {
            try {
                Path file = Files.writeString(
                        folder.resolve("table.csv"),
                        new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
                assertThat(TableFile.read(file, StandardCharsets.UTF_8, 1_000_000))
                        .isNotNull();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        });
    }

    @Test
    void writesHeadings() {
        Pumped.assertLinear(text -> {
            MarkdownText written = new MarkdownText(1_000_000, 10);
            try {
                written.startElement("", "h1", "h1", new AttributesImpl());
                written.characters(text.toCharArray(), 0, text.length());
                written.endElement("", "h1", "h1");
            } catch (SAXException impossible) {
                throw new IllegalStateException(impossible);
            }
            assertThat(written.text().length()).isLessThanOrEqualTo(text.length() + 2);
        });
    }
}
