package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import java.util.List;
import java.util.Optional;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;
import org.caravanserai.tenant.TenantSettings;

/** Of uploads: their names, and the texts that the hub reads itself. */
public final class DocumentReaders {

    private static final int NAME_MAX = 255;
    private static final int TITLE_MAX = 300;
    private static final int SIZE = 64;
    private static final int OVERLAP = 8;
    private static final int CHUNKS_MAX = 400;

    /** Loaded when it is needed. */
    private static final class Cutting {
        private static final Chunker CHUNKER = new Chunker(new HuggingFaceTokenCountEstimator());
    }

    private DocumentReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("document-name", DocumentReaders::name),
                new Reader("document-text", DocumentReaders::text),
                new Reader("document-chunks", DocumentReaders::chunks));
    }

    private static void name(Input input) throws Exception {
        Optional<String> clean = unlessRefused(() -> DocumentName.clean(input.text()), RejectedException.class);
        if (clean.isEmpty()) {
            return;
        }
        String name = clean.get();
        assertThat(name).isNotBlank().hasSizeLessThanOrEqualTo(NAME_MAX).doesNotContain("/", "\\", "\0", "\n");
        assertThat(name).isNotEqualTo(".").isNotEqualTo("..");
        unlessRefused(() -> DocumentName.mediaType(name), RejectedException.class);
    }

    private static void text(Input input) throws Exception {
        String text = DocumentText.unicode(input.bytes()).orElseGet(() -> DocumentText.windows1252(input.bytes()));
        for (String type : List.of("text/plain", "text/markdown")) {
            unlessRefused(() -> DocumentText.plain("notes.md", type, text), PermanentException.class)
                    .ifPresent(read -> {
                        assertThat(read.title()).isNotNull().hasSizeLessThanOrEqualTo(TITLE_MAX);
                        assertThat(read.text()).isNotBlank().doesNotContain("\0");
                    });
        }
    }

    /** The first line is the strategy. */
    private static void chunks(Input input) throws Exception {
        String[] lines = input.lines(2);
        String strategy = Chunker.STRATEGIES.contains(lines[0]) ? lines[0] : "auto";
        unlessRefused(
                        () -> Cutting.CHUNKER.split(
                                DocumentText.plain("notes.md", "text/markdown", lines[1]),
                                "text/markdown",
                                new TenantSettings.Chunking(strategy, SIZE, OVERLAP),
                                CHUNKS_MAX),
                        PermanentException.class)
                .ifPresent(chunks -> assertThat(chunks)
                        .hasSizeLessThanOrEqualTo(CHUNKS_MAX)
                        .allSatisfy(chunk -> assertThat(chunk.text()).isNotBlank()));
    }
}
