package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.caravanserai.HubProperties;
import org.caravanserai.document.extraction.HostileFiles;
import org.caravanserai.document.extraction.SampleFiles;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;

/** Files made to hang, fill or fool their reader, within the bounds that a hub has by default. */
@Timeout(120)
class HostileFilesTest {

    @TempDir
    private Path home;

    @Test
    void endsAWorkbookOfEndlessRows() throws IOException {
        assertFails("a.xlsx", HostileFiles.xlsxOfEndlessRows())
                .hasMessageMatching("(?s).*(million characters|broken).*");
    }

    @Test
    void endsAWorkbookOfAnEndlessText() throws IOException {
        assertFails("a.xlsx", HostileFiles.xlsxOfAnEndlessText())
                .hasMessageMatching("(?s).*(million characters|more memory|broken).*");
    }

    @Test
    void expandsNoEntitiesOfSharedTexts() throws IOException {
        assertFails("a.xlsx", HostileFiles.xlsxOfABillionLaughs()).hasMessageMatching("(?s).*(broken|no text).*");
    }

    @Test
    void refusesTwentyThousandSlides() throws IOException {
        assertFails("a.pptx", HostileFiles.pptx(20_000)).hasMessageContaining("too many parts");
        assertFails("a.pptx", HostileFiles.pptx(2_500)).hasMessageMatching("(?s).*more than 2000 slides.*");
    }

    @Test
    void readsAPresentationOfFewerSlides() throws IOException {
        assertThat(read("a.pptx", HostileFiles.pptx(1_500)).pages()).isEqualTo(1_500);
    }

    @Test
    void bearsAMailOfTenThousandPartsWithinEachOther() throws IOException {
        assertFails("a.eml", HostileFiles.emlNested(10_000, "multipart/mixed"))
                .hasMessageMatching("(?s).*(broken|no text|memory).*");
        assertThat(read("a.eml", HostileFiles.emlNested(10_000, "message/rfc822"))
                        .text())
                .startsWith("Subject: Deep");
    }

    @Test
    void readsAMailOfTenThousandPartsBesideEachOther() throws IOException {
        assertThat(read("a.eml", HostileFiles.emlOfParts(10_000)).text()).contains("Subject: Wide", "A part.");
    }

    @Test
    void refusesMacrosByNameAndByContent() throws IOException {
        assertThatThrownBy(() -> DocumentName.mediaType("sums.xlsm")).isInstanceOf(RejectedException.class);
        assertThatThrownBy(() -> DocumentName.mediaType("letter.docm")).isInstanceOf(RejectedException.class);
        assertFails("sums.xlsx", HostileFiles.xlsm()).hasMessageContaining("a workbook with macros (.xlsm)");
        assertFails("letter.docx", SampleFiles.docm()).hasMessageContaining("a Word document with macros (.docm)");
    }

    @Test
    void saysWhatAFileWithAWrongNameIs() throws IOException {
        assertFails("a.pptx", HostileFiles.xlsxOfABillionLaughs()).hasMessageContaining("a workbook (.xlsx)");
        assertFails("a.eml", HostileFiles.pptx(1)).hasMessageContaining("a presentation (.pptx)");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertFails(String name, byte[] content) {
        return assertThatThrownBy(() -> read(name, content)).isInstanceOf(PermanentException.class);
    }

    private DocumentText read(String name, byte[] content) throws IOException {
        DocumentProperties properties = new Binder().bindOrCreate("hub.documents", DocumentProperties.class);
        HubProperties hub = new HubProperties(home, URI.create("http://localhost"), null, false, false);
        assertThat(properties.parseTimeout()).isLessThanOrEqualTo(Duration.ofSeconds(60));
        return new DocumentReader(new ExtractionProcess(hub, properties), properties)
                .read(name, DocumentName.mediaType(name), new ByteArrayInputStream(content), () -> false)
                .orElseThrow();
    }
}
